import type { BookingView, Schedule } from "@cita/calendar-api";
import type { Business, Language } from "./conversation.ts";
import type { Answer } from "./outcome.ts";
import type { CalendarEvent, Snapshot } from "./snapshot.ts";

/** What holds after every call, whichever agent made it. */

type Period = { readonly start: number; readonly end: number };

/**
 * @param before what the business's own events and the neighbour have to be.
 * @returns a sentence for each violation.
 */
export function findViolations(
  before: Snapshot,
  after: Snapshot,
  business: Business,
  schedule: Schedule,
): string[] {
  return [
    ...findUnpaired(after),
    ...findDoubleBookings(after, schedule),
    ...after.events
      .filter((event) => !isOpen(business, schedule, event))
      .map((event) => formatViolation(event, "is outside the opening hours")),
    ...(isSameJson(before.businessEvents, after.businessEvents)
      ? []
      : ["the business's own events were changed"]),
    ...(before.neighbour === after.neighbour ? [] : ["another customer's calendar or bookings were changed"]),
  ];
}

/**
 * Where an answer says what the calendar or the ledger doesn't have, or names the day wrongly.
 * @param answer of a tool that books, moves or cancels; any other has no problem.
 * @param language the business's.
 */
export function findFalseAnswers(
  answer: Answer,
  { events, bookings }: Snapshot,
  language: Language,
): string[] {
  const { status, booking_id, start, weekday, label } = answer;
  if (typeof booking_id !== "string") return [];
  const expected = formatDateWords(String(start), language);
  const words = String(label).split(/[ ,]+/);
  if (weekday !== expected[0] || !expected.every((word) => words.includes(word)))
    return [`${start} is called ${weekday} ${label}`];
  const booking = bookings.find((one) => one.booking_id === booking_id);
  const event = events.find(({ id }) => id === `cita${booking_id}`);
  if (status === "cancelled")
    return booking || event ? ["what was answered as cancelled is still there"] : [];
  const startMs = Date.parse(String(start));
  if (booking === undefined || event?.start !== startMs)
    return ["what was answered as confirmed isn't in the calendar"];
  return Date.parse(booking.start) === startMs ? [] : ["the ledger has another time than was answered"];
}

/** Weekday, month, year, day and wall time of an ISO time, whatever its offset. */
function formatDateWords(iso: string, language: Language): string[] {
  const date = new Date(iso.slice(0, 10));
  const name = (part: Intl.DateTimeFormatOptions) =>
    date.toLocaleDateString(language, { ...part, timeZone: "UTC" });
  const [weekday, month] = [name({ weekday: "long" }), name({ month: "long" })];
  return [weekday, month, iso.slice(0, 4), String(date.getUTCDate()), iso.slice(11, 16)];
}

/** Events without a booking of the same time in the ledger, and bookings without their event. */
function findUnpaired({ events, bookings }: Snapshot): string[] {
  const keyOfEvent = ({ id, start, end }: CalendarEvent) => `${id} ${start} ${end}`;
  const keyOfBooking = ({ event_id, start, end }: BookingView) =>
    `${event_id} ${Date.parse(start)} ${Date.parse(end)}`;
  const [inCalendar, inLedger] = [new Set(events.map(keyOfEvent)), new Set(bookings.map(keyOfBooking))];
  return [
    ...events
      .filter((event) => !inLedger.has(keyOfEvent(event)))
      .map((event) => formatViolation(event, "is unknown to the ledger")),
    ...bookings
      .filter((booking) => !inCalendar.has(keyOfBooking(booking)))
      .map(({ start }) => `a booking at ${start} has no event`),
  ];
}

/** Events over the capacity of their service, beside another service, or over an event of the business. */
function findDoubleBookings({ events, bookings, businessEvents }: Snapshot, schedule: Schedule): string[] {
  const serviceOf = (event: CalendarEvent) => bookings.find(({ event_id }) => event_id === event.id)?.service;
  return events.flatMap((event) => {
    const together = events.filter(({ start, end }) => start <= event.start && event.start < end);
    const service = serviceOf(event);
    const capacity = schedule.services.find(({ id }) => id === service)?.capacity ?? 1;
    const crowded = together.length > capacity || together.some((other) => serviceOf(other) !== service);
    const blocked = businessEvents.some((other) => overlap(event, other));
    return crowded || blocked ? [formatViolation(event, "shares its time with another")] : [];
  });
}

function overlap(a: Period, b: Period): boolean {
  return a.start < b.end && b.start < a.end;
}

/**
 * Compares wall times and uses none of `@cita/scheduling`, so that the two can disagree. No business of the evals
 * has hours past midnight.
 */
function isOpen({ closed_dates, time_zone }: Business, schedule: Schedule, { start, end }: Period): boolean {
  const from = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(time_zone);
  const minutes = (end - start) / 60_000;
  const begin = from.hour * 60 + from.minute;
  if (closed_dates.includes(from.toPlainDate().toString())) return false;
  const windows = schedule.weekly_hours[weekdays[from.dayOfWeek - 1] ?? "sunday"];
  return windows.some(
    (window) => toMinutes(window.start) <= begin && begin + minutes <= toMinutes(window.end),
  );
}

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

function toMinutes(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

function formatViolation({ start }: CalendarEvent, violation: string): string {
  return `an event at ${new Date(start).toISOString()} ${violation}`;
}

function isSameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
