import type { Interval, LocalDate, Rejection, WeeklyHours } from "../src/index.ts";
import type { Question } from "./question.ts";

const minute = 60_000;
const day = 1_440 * minute;

/** What is right, for times on whole minutes. */
export type Oracle = {
  /** Every start that must be offered, ascending. */
  readonly starts: readonly number[];
  /** Whether an instant lies on one of the dates asked for; only of such ones the oracle knows more. */
  knows(instant: number): boolean;
  /** Whether nothing else is there. */
  hasRoom(start: number): boolean;
  /** What there is against a start. */
  objectionTo(start: number): Rejection | undefined;
  /** The first minute from an instant on at which any window is open. */
  firstOpenMinute(from: number): number | undefined;
};

/** The local date of an instant. */
export type DateReader = (instant: number) => LocalDate;

/** Remembers its answers: asking Temporal is what an oracle takes most of its time for. */
export function createDateReader(timeZone: string): DateReader {
  const known = new Map<number, LocalDate>();
  return (instant) => {
    const date = known.get(instant) ?? askTemporal(instant, timeZone);
    known.set(instant, date);
    return date;
  };
}

function askTemporal(instant: number, timeZone: string): LocalDate {
  return Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/**
 * Answers by brute force, from what the rules say alone: it steps minute by minute from each opening and
 * asks everything of every minute. It shares no code with what it judges.
 */
export function askOracle(question: Question, dateOf = createDateReader(question.timeZone)): Oracle {
  const { now, policy } = question;
  const asked = new Set(datesAsked(question));
  const knows = (instant: number) => asked.has(dateOf(instant));
  const windows = [...openWindows(question)];
  const onGrid = new Set([...startsOnGrids(windows, policy)].filter(knows));
  const hasRoom = createRoomCheck(question);
  const isFull = createLimitCheck(question, dateOf);

  function objectionTo(start: number): Rejection | undefined {
    if (start < now + policy.minimumNoticeMs) return "too_soon";
    if (start > now + policy.horizonMs) return "too_far";
    if (!onGrid.has(start)) return "outside_hours";
    return hasRoom(start) && !isFull(start) ? undefined : "taken";
  }

  function firstOpenMinute(from: number): number | undefined {
    const last = Math.max(...windows.map(({ end }) => end));
    for (let at = from; at < last; at += minute) {
      if (windows.some(({ start, end }) => start <= at && at < end)) return at;
    }
    return undefined;
  }

  const starts = [...onGrid].filter((start) => objectionTo(start) === undefined).sort((a, b) => a - b);
  return { starts, knows, hasRoom, objectionTo, firstOpenMinute };
}

function* startsOnGrids(
  windows: readonly Interval[],
  { durationMs, intervalMs }: Question["policy"],
): Generator<number> {
  for (const { start: opening, end: closing } of windows) {
    for (let passed = 0; opening + passed < closing; passed += minute) {
      const isOnGrid = passed % intervalMs === 0;
      const fits = opening + passed + durationMs <= closing;
      if (isOnGrid && fits) yield opening + passed;
    }
  }
}

function datesAsked({ from, days }: Question): LocalDate[] {
  const first = Temporal.PlainDate.from(from);
  return Array.from({ length: days }, (_, i) => first.add({ days: i }).toString());
}

const weekdayNames = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const satisfies (keyof WeeklyHours)[];

/** The windows of more days than can matter, so that which ones do is no question. */
function* openWindows({ timeZone, weekly, overrides, from, days }: Question): Generator<Interval> {
  const first = Temporal.PlainDate.from(from);
  for (let i = -3; i <= days; i++) {
    const date = first.add({ days: i });
    const weekday = weekdayNames[date.dayOfWeek - 1];
    const windows = overrides[date.toString()] ?? (weekday === undefined ? [] : weekly[weekday]);
    for (const { start, end } of windows) {
      const endDate = end > start ? date : date.add({ days: 1 });
      yield {
        start: instantOf(date, start, timeZone, "compatible"),
        end: instantOf(endDate, end, timeZone, "later"),
      };
    }
  }
}

function instantOf(
  date: Temporal.PlainDate,
  time: string,
  timeZone: string,
  disambiguation: "compatible" | "later",
): number {
  const local = time === "24:00" ? date.add({ days: 1 }).toPlainDateTime() : date.toPlainDateTime(time);
  return local.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
}

/** One mark for each minute on each seat, set where it is taken. */
function createRoomCheck({ from, days, policy, busy, bookings }: Question): (start: number) => boolean {
  const { durationMs, bufferBeforeMs, bufferAfterMs, capacity } = policy;
  const firstMinute = Date.parse(from) - 2 * day - bufferBeforeMs;
  const lastMinute = Date.parse(from) + (days + 2) * day + durationMs + bufferAfterMs;
  const seats = Array.from({ length: capacity }, () => new Uint8Array((lastMinute - firstMinute) / minute));

  function take(seat: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += minute) {
      const index = (at - firstMinute) / minute;
      if (index >= 0 && index < seat.length) seat[index] = 1;
    }
  }
  for (const seat of seats) for (const { start, end } of busy) take(seat, start, end);
  for (const [number, seat] of seats.entries()) {
    for (const booking of bookings) {
      const takesAll = booking.seat === null || booking.seat >= capacity;
      if (takesAll || booking.seat === number) {
        take(seat, booking.start - booking.bufferBeforeMs, booking.end + booking.bufferAfterMs);
      }
    }
  }

  const isFree = (seat: Uint8Array, start: number) => {
    for (let at = start - bufferBeforeMs; at < start + durationMs + bufferAfterMs; at += minute) {
      if (seat[(at - firstMinute) / minute] !== 0) return false;
    }
    return true;
  };
  return (start) => seats.some((seat) => isFree(seat, start));
}

function createLimitCheck({ policy, bookings }: Question, dateOf: DateReader): (start: number) => boolean {
  const count = (periodOf: (instant: number) => string, start: number) =>
    bookings.filter((booking) => periodOf(booking.start) === periodOf(start)).length;
  const weekOf = (instant: number) => {
    const { yearOfWeek, weekOfYear } = Temporal.PlainDate.from(dateOf(instant));
    return `${yearOfWeek}-W${weekOfYear}`;
  };
  return (start) =>
    (policy.maxPerDay !== null && count(dateOf, start) >= policy.maxPerDay) ||
    (policy.maxPerWeek !== null && count(weekOf, start) >= policy.maxPerWeek);
}
