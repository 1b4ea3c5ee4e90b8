/** Shows a customer's week or day in `<div data-week>`, whose list below it is all there is without JavaScript. */

/**
 * @typedef {object} WeekEntry
 * @property {string} start the business's wall time, without an offset
 * @property {string} end
 * @property {"busy" | "free" | "booking"} kind
 * @property {string} title
 * @property {string} [time] when it is, and of a booking what for
 * @property {string} [href]
 *
 * @typedef {object} Week
 * @property {string} from
 * @property {1 | 7} days
 * @property {string} locale
 * @property {string} offset
 * @property {number} firstHour
 * @property {number} lastHour
 * @property {WeekEntry[]} entries
 *
 * @typedef {{ create(target: Element, options: object): unknown }} EventCalendarLibrary
 */

/** Narrower, a week scrolls sideways instead of squeezing its days. */
const roomyWeek = "(min-width: 56rem)";

for (const target of document.querySelectorAll("[data-week]")) {
  if (target instanceof HTMLElement) showWeek(target, JSON.parse(target.dataset.week ?? ""));
}

/**
 * @param {HTMLElement} target
 * @param {Week} week
 */
function showWeek(target, week) {
  const library = /** @type {{ EventCalendar: EventCalendarLibrary }} */ (
    /** @type {unknown} */ (globalThis)
  );
  target.hidden = false;
  const list = target.parentElement?.querySelector("details");
  if (list instanceof HTMLDetailsElement) list.open = false;
  const isSqueezed = week.days === 7 && !window.matchMedia(roomyWeek).matches;
  library.EventCalendar.create(target, {
    view: week.days === 7 ? "timeGridWeek" : "timeGridDay",
    date: week.from,
    firstDay: 1,
    timeZone: week.offset,
    locale: week.locale,
    headerToolbar: { start: "", center: "", end: "" },
    allDaySlot: false,
    eventStartEditable: false,
    eventDurationEditable: false,
    nowIndicator: true,
    // An hour more: the library names no line at the top.
    slotMinTime: `${twoDigits(Math.max(0, week.firstHour - 1))}:00`,
    slotMaxTime: `${twoDigits(week.lastHour)}:00`,
    slotHeight: 32,
    slotEventOverlap: false,
    slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    dayHeaderFormat: { weekday: "short", day: "numeric" },
    ...(isSqueezed && { columnWidth: "7rem" }),
    events: week.entries.map(toCalendarEvent),
    eventContent: toContent,
  });
  // Without a mouse it scrolls where it has the focus.
  if (isSqueezed) target.querySelector(".ec-main")?.setAttribute("tabindex", "0");
  removeTableRoles(target);
}

/**
 * The library calls itself a table, and its events stand in none of the table's cells: screen readers would be told of
 * empty ones. Without the roles they are told of the days and of each event.
 * @param {HTMLElement} target
 */
function removeTableRoles(target) {
  for (const element of target.querySelectorAll("[role]")) {
    element.removeAttribute("role");
    element.removeAttribute("aria-colindex");
  }
}

/** @param {number} number */
function twoDigits(number) {
  return String(number).padStart(2, "0");
}

/** @param {WeekEntry} entry */
function toCalendarEvent(entry) {
  const { start, end, title, kind } = entry;
  return {
    ...{ start, end, title, extendedProps: entry, classNames: [`week-${kind}`] },
    display: kind === "free" ? "background" : "auto",
  };
}

/**
 * Text only: names are of others.
 * @param {{ event: { extendedProps: WeekEntry } }} info
 */
function toContent({ event: { extendedProps: entry } }) {
  if (entry.kind === "free") return "";
  const title = document.createElement(entry.href === undefined ? "span" : "a");
  title.textContent = entry.title;
  title.dir = "auto";
  if (title instanceof HTMLAnchorElement) title.href = entry.href ?? "";
  const time = document.createElement("span");
  time.textContent = entry.time ?? "";
  return { domNodes: [title, time] };
}
