import type { BookingView, Schedule } from "@cita/calendar-api";
import type { Answer } from "./answer-path.ts";
import type { Business, Language } from "./conversation.ts";
import type { Look, OwnEvent } from "./look.ts";

/** What must not come of any call, whoever makes it. */

type Period = { readonly start: number; readonly end: number };

/**
 * @param before how the business's own events and the neighbour have to be.
 * @returns each harm in words; none is right.
 */
export function findHarms(before: Look, after: Look, business: Business, schedule: Schedule): string[] {
  return [
    ...findStrays(after),
    ...findDoubles(after, schedule),
    ...after.events
      .filter((event) => !isOpen(business, schedule, event))
      .map(say("is outside the opening hours")),
    ...(sameJson(before.own, after.own) ? [] : ["the business's own events were changed"]),
    ...(before.neighbour === after.neighbour ? [] : ["another customer's calendar or bookings were changed"]),
  ];
}

/** Where an answer promises something the calendar doesn't hold. */
export function findFalsePromises(answer: Answer, { events, bookings }: Look, language: Language): string[] {
  const { status, booking_id, start, weekday, label } = answer;
  if (typeof booking_id !== "string") return [];
  const words = wordsOf(String(start), language);
  const said = String(label).split(/[ ,]+/);
  if (weekday !== words[0] || !words.every((word) => said.includes(word)))
    return [`${start} is said to be ${weekday} ${label}`];
  const booking = bookings.find((one) => one.booking_id === booking_id);
  const event = events.find(({ id }) => id === `cita${booking_id}`);
  if (status === "cancelled") return booking || event ? ["something answered cancelled still stands"] : [];
  const at = Date.parse(String(start));
  if (booking === undefined || event?.start !== at)
    return ["something answered confirmed isn't in the calendar"];
  return Date.parse(booking.start) === at ? [] : ["the ledger has another time than was answered"];
}

/** Weekday, month, year, day and wall time of an ISO time, whatever its offset. */
function wordsOf(iso: string, language: Language): string[] {
  const date = new Date(iso.slice(0, 10));
  const name = (part: Intl.DateTimeFormatOptions) =>
    date.toLocaleDateString(language, { ...part, timeZone: "UTC" });
  const [weekday, month] = [name({ weekday: "long" }), name({ month: "long" })];
  return [weekday, month, iso.slice(0, 4), String(date.getUTCDate()), iso.slice(11, 16)];
}

/** Events the ledger doesn't know where they are, and bookings without their event. */
function findStrays({ events, bookings }: Look): string[] {
  const place = ({ id, start, end }: OwnEvent) => `${id} ${start} ${end}`;
  const booked = ({ event_id, start, end }: BookingView) =>
    `${event_id} ${Date.parse(start)} ${Date.parse(end)}`;
  const [inCalendar, inLedger] = [new Set(events.map(place)), new Set(bookings.map(booked))];
  return [
    ...events.filter((event) => !inLedger.has(place(event))).map(say("is unknown to the ledger")),
    ...bookings
      .filter((booking) => !inCalendar.has(booked(booking)))
      .map(({ start }) => `a booking at ${start} has no event`),
  ];
}

function findDoubles({ events, bookings, own }: Look, schedule: Schedule): string[] {
  const serviceOf = (event: OwnEvent) => bookings.find(({ event_id }) => event_id === event.id)?.service;
  return events.flatMap((event) => {
    const together = events.filter(({ start, end }) => start <= event.start && event.start < end);
    const service = serviceOf(event);
    const capacity = schedule.services.find(({ id }) => id === service)?.capacity ?? 1;
    const crowded = together.length > capacity || together.some((other) => serviceOf(other) !== service);
    const blocked = own.some((other) => overlap(event, other));
    return crowded || blocked ? [say("shares its time with another")(event)] : [];
  });
}

function overlap(a: Period, b: Period): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Told by wall times alone, apart from how the service reckons. No business of the evals is open past midnight. */
function isOpen({ closed_dates, time_zone }: Business, schedule: Schedule, { start, end }: Period): boolean {
  const from = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(time_zone);
  const minutes = (end - start) / 60_000;
  const begin = from.hour * 60 + from.minute;
  if (closed_dates.includes(from.toPlainDate().toString())) return false;
  const windows = schedule.weekly_hours[weekdays[from.dayOfWeek - 1] ?? "sunday"];
  return windows.some((window) => minuteOf(window.start) <= begin && begin + minutes <= minuteOf(window.end));
}

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

function say(what: string): (event: OwnEvent) => string {
  return ({ start }) => `an event at ${new Date(start).toISOString()} ${what}`;
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
