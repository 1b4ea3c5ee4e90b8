import type { Agenda, Schedule } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { addDays } from "@cita/scheduling";
import type { Language } from "../../language.ts";
import { attendeeName, serviceNamer } from "../../parts/bookings.ts";
import { type DateText, mondayOf, wallTimeOf } from "../../parts/days.ts";
import { selectField } from "../../parts/forms.ts";
import { badge } from "../../parts/notes.ts";
import { formatDay } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { byDate, type Entry, hoursOf, timesOn, toEntries } from "./entries.ts";
import { weekWords } from "./words.ts";

export type WeekPage = {
  readonly path: string;
  readonly agenda: Agenda;
  readonly schedule: Schedule;
  readonly kind: "week" | "day";
  readonly from: DateText;
  readonly today: DateText;
  readonly service: string | undefined;
};

export const daysOf = { week: 7, day: 1 } as const;

/** A week or a day: the calendar where there is JavaScript, and a list. */
export function weekBody(viewer: Viewer, page: WeekPage): Html {
  const { language } = viewer;
  const words = weekWords[language];
  const { agenda, kind, from } = page;
  const entries = toEntries(agenda);
  const days = byDate(entries, from, daysOf[kind]);
  return html`${toolbar(viewer, page)}
<section class="card stack">
<div class="row between"><h2>${rangeText(language, page)}</h2><div class="row">${badge("good", words.free)}<span class="badge accent">${words.booking}</span>${badge("calm", words.busy)}</div></div>
<p class="soft small">${words.zone(agenda.timezone)}. ${words.busyHint}</p>
<div class="week" role="region" aria-label="${words.calendarLabel}" data-week="${JSON.stringify(toCalendar(language, page, days, hoursOf(entries)))}" hidden></div>
<details class="week-list" open><summary>${words.asList}</summary>
${[...days].map(([date, ofDay]) => dayList(language, page, date, ofDay))}
</details>
</section>`;
}

function toolbar({ language }: Viewer, { path, kind, from, today, service, schedule }: WeekPage): Html {
  const words = weekWords[language];
  const address = (date: DateText, of: WeekPage["kind"]) => {
    const more = service === undefined ? {} : { servicio: service };
    const query = new URLSearchParams({ vista: of === "week" ? "semana" : "dia", desde: date, ...more });
    return `${path}/semana?${query}`;
  };
  const step = daysOf[kind];
  const link = (date: DateText, text: string) =>
    html`<a class="button quiet small" href="${address(date, kind)}">${text}</a>`;
  const views = (["week", "day"] as const).map(
    (one) =>
      html`<li><a href="${address(one === "week" ? mondayOf(from) : from, one)}"${one === kind && html` aria-current="page"`}>${words[one]}</a></li>`,
  );
  const nameService = serviceNamer(schedule, language);
  const options = schedule.services.map(({ id }) => ({ value: id, text: nameService(id) }));
  const choice = html`<form class="toolbar narrow" method="get" action="${path}/semana"><input type="hidden" name="vista" value="${kind === "week" ? "semana" : "dia"}"><input type="hidden" name="desde" value="${from}">${selectField({ name: "servicio", label: words.service, value: service ?? "", options })}<button class="button quiet" type="submit">${words.show}</button></form>`;
  const start = kind === "week" ? mondayOf(today) : today;
  return html`<div class="row between week-toolbar"><div class="row">${link(addDays(from, -step), words.previous)}${link(start, words.today)}${link(addDays(from, step), words.next)}</div>
<nav aria-label="${words.viewsLabel}"><ul class="choices">${views}</ul></nav></div>
${options.length > 1 && choice}`;
}

function rangeText(language: Language, { from, kind }: WeekPage): string {
  const first = formatDay(from, language, "UTC");
  return kind === "day" ? first : `${first} – ${formatDay(addDays(from, daysOf.week - 1), language, "UTC")}`;
}

function dayList(language: Language, page: WeekPage, date: DateText, entries: readonly Entry[]): Html {
  const words = weekWords[language];
  const rows = entries.map((entry) => html`<li class="row">${listedEntry(language, page, date, entry)}</li>`);
  const list =
    rows.length === 0 ? html`<p class="soft">${words.nothing}</p>` : html`<ul class="plain">${rows}</ul>`;
  return html`<h3>${formatDay(date, language, "UTC")}</h3>${list}`;
}

function listedEntry(language: Language, { path, schedule }: WeekPage, date: DateText, entry: Entry): Html {
  const words = weekWords[language];
  const time = html`<span class="nowrap">${timesText(language, timesOn(date, entry))}</span>`;
  if (entry.kind === "busy") return html`${time}${badge("calm", words.busy)}`;
  if (entry.kind === "free") return html`${time}${badge("good", words.free)}`;
  const { booking } = entry;
  const href = `${path}/citas/${encodeURIComponent(booking.booking_id)}`;
  return html`${time}<span class="badge accent">${words.booking}</span><a href="${href}">${attendeeName(booking, language)}</a><span class="soft"><bdi>${serviceNamer(schedule, language)(booking.service)}</bdi></span>`;
}

/** What `assets/week.js` shows. Times are the business's wall times, so that the browser's zone doesn't matter. */
function toCalendar(
  language: Language,
  { path, schedule, kind, from, agenda }: WeekPage,
  days: ReadonlyMap<DateText, readonly Entry[]>,
  { first, last }: ReturnType<typeof hoursOf>,
) {
  const words = weekWords[language];
  const nameService = serviceNamer(schedule, language);
  const inColumn = (date: DateText, entry: Entry) => {
    const times = timesOn(date, entry);
    return {
      ...{
        start: `${date}T${times?.from ?? "00:00"}`,
        end: `${date}T${times?.to ?? "24:00"}`,
        kind: entry.kind,
      },
      ...(entry.kind !== "booking"
        ? { title: words[entry.kind], time: timesText(language, times) }
        : {
            title: entry.booking.attendee_name,
            time: `${wallTimeOf(entry.start)} ${nameService(entry.booking.service)}`,
            href: `${path}/citas/${encodeURIComponent(entry.booking.booking_id)}`,
          }),
    };
  };
  return {
    ...{ from, days: daysOf[kind], locale: language, offset: offsetOf(agenda, from) },
    ...{ firstHour: first, lastHour: last },
    // The library writes an entry's text into each of its days: over midnight, one entry a day says that day's times.
    entries: [...days].flatMap(([date, ofDay]) => ofDay.map((entry) => inColumn(date, entry))),
  };
}

function timesText(language: Language, times: ReturnType<typeof timesOn>): string {
  return times === undefined ? weekWords[language].allDay : `${times.from} – ${times.to}`;
}

/** The zone's offset on a date, `-05:00`: the library knows no named zones, and shows by it which day is today. */
function offsetOf({ timezone }: Agenda, date: DateText): string {
  const format = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" });
  const name = format
    .formatToParts(new Date(`${date}T12:00:00Z`))
    .find(({ type }) => type === "timeZoneName");
  const offset = name?.value.replace("GMT", "") ?? "";
  return offset === "" ? "+00:00" : offset;
}

/** The first date that is shown of a week or a day. */
export function firstDateOf(kind: WeekPage["kind"], date: DateText): DateText {
  return kind === "week" ? mondayOf(date) : date;
}
