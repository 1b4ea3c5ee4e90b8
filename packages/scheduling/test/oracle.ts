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
  /** The time that is open at the first open minute from an instant on. */
  openTimeFrom(from: number): OpenTime | undefined;
};

/** Open at each of its minutes, whatever windows that takes. */
export type OpenTime = Interval & {
  /** The end is that of the last windows looked at: it may be open for longer. */
  readonly mayGoOn: boolean;
};

/** What Temporal says of a zone. */
export type ZoneReader = {
  dateOf(instant: number): LocalDate;
  /** `24:00` is midnight of the next date. */
  instantOf(date: LocalDate, time: string, disambiguation: "compatible" | "later"): number;
};

/** Remembers its answers: asking Temporal is what an oracle takes most of its time for. */
export function createZoneReader(timeZone: string): ZoneReader {
  const dates = new Map<number, LocalDate>();
  const instants = new Map<string, number>();
  return {
    dateOf(instant) {
      const date = dates.get(instant) ?? readDate(instant, timeZone);
      dates.set(instant, date);
      return date;
    },
    instantOf(date, time, disambiguation) {
      const key = `${date} ${time} ${disambiguation}`;
      const instant = instants.get(key) ?? readInstant(date, time, timeZone, disambiguation);
      instants.set(key, instant);
      return instant;
    },
  };
}

function readDate(instant: number, timeZone: string): LocalDate {
  return Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

function readInstant(
  localDate: LocalDate,
  time: string,
  timeZone: string,
  disambiguation: "compatible" | "later",
): number {
  const date = Temporal.PlainDate.from(localDate);
  const local = time === "24:00" ? date.add({ days: 1 }).toPlainDateTime() : date.toPlainDateTime(time);
  return local.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
}

/**
 * Answers by brute force, from what the rules say alone: it marks every minute that is open or taken, and
 * asks everything of every start of every grid. It shares no code with what it judges.
 */
export function askOracle(question: Question, zone = createZoneReader(question.timeZone)): Oracle {
  const { now, policy } = question;
  const { dateOf } = zone;
  const asked = new Set(datesAsked(question));
  const midnight = Date.parse(question.from);
  // No zone is a day from UTC. Temporal needn't be asked for the date of what is farther off.
  const isNear = ({ start, end }: Interval) =>
    start < midnight + (question.days + 1) * day && midnight - day < end;
  const knows = (instant: number) => isNear({ start: instant, end: instant }) && asked.has(dateOf(instant));
  const windows = [...openWindows(question, zone, -daysBefore, lastDay(question))];
  const openTimes = joinMinutes(windows);
  const onGrid = new Set([...startsOnGrids(windows.filter(isNear), policy, openTimes)].filter(knows));
  const hasRoom = createRoomCheck(question);
  const isFull = createLimitCheck(question, dateOf);

  function objectionTo(start: number): Rejection | undefined {
    if (start < now + policy.minimumNoticeMs) return "too_soon";
    if (policy.pausedUntil !== null && start < policy.pausedUntil) return "paused";
    if (start > now + policy.horizonMs) return "too_far";
    if (!onGrid.has(start)) return "outside_hours";
    return hasRoom(start) && !isFull(start) ? undefined : "taken";
  }

  function openTimeFrom(from: number): OpenTime | undefined {
    const open = openTimes.find(({ end }) => from < end);
    if (open === undefined) return undefined;
    const unknown = addDays(question.from, lastDay(question) + 1);
    return { ...open, mayGoOn: open.end >= zone.instantOf(unknown, "00:00", "compatible") };
  }

  const starts = [...onGrid].filter((start) => objectionTo(start) === undefined).sort((a, b) => a - b);
  return { starts, knows, hasRoom, objectionTo, openTimeFrom };
}

/** The grid is each window's own; what is open all the while may lie in any windows. */
function* startsOnGrids(
  windows: readonly Interval[],
  { durationMs, intervalMs }: Question["policy"],
  openTimes: readonly Interval[],
): Generator<number> {
  for (const { start: opening, end: closing } of windows) {
    for (let start = opening; start < closing; start += intervalMs) {
      if (openTimes.some((open) => open.start <= start && start + durationMs <= open.end)) yield start;
    }
  }
}

/** What is open without a break: each minute that lies in any window is marked, and the marks are read in order. */
function joinMinutes(windows: readonly Interval[]): Interval[] {
  const first = Math.min(...windows.map(({ start }) => start));
  const last = Math.max(...windows.map(({ end }) => end));
  const marks = new Uint8Array(windows.length === 0 ? 0 : (last - first) / minute + 1);
  for (const { start, end } of windows) {
    if (start < end) marks.fill(1, (start - first) / minute, (end - first) / minute);
  }
  const openTimes: Interval[] = [];
  for (let at = marks.indexOf(1); at !== -1; ) {
    const end = marks.indexOf(0, at);
    openTimes.push({ start: first + at * minute, end: first + end * minute });
    at = marks.indexOf(1, end);
  }
  return openTimes;
}

function datesAsked({ from, days }: Question): LocalDate[] {
  return Array.from({ length: days }, (_, i) => addDays(from, i));
}

function addDays(date: LocalDate, days: number): LocalDate {
  return Temporal.PlainDate.from(date).add({ days }).toString();
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

/** Days before and after those asked for: more than can matter, so that which ones do is no question. */
const daysBefore = 10;
const lastDay = ({ days }: Question) => days + 3;

/** The windows of dates that count from the first one asked for. */
function* openWindows(
  { weekly, overrides, from }: Question,
  { instantOf }: ZoneReader,
  firstDay: number,
  lastDay: number,
): Generator<Interval> {
  const first = Temporal.PlainDate.from(from);
  for (let i = firstDay; i <= lastDay; i++) {
    const plain = first.add({ days: i });
    const date = plain.toString();
    const weekday = weekdayNames[plain.dayOfWeek - 1];
    const windows = overrides[date] ?? (weekday === undefined ? [] : weekly[weekday]);
    for (const { start, end } of windows) {
      const endDate = end > start ? date : addDays(date, 1);
      yield {
        start: instantOf(date, start, "compatible"),
        end: instantOf(endDate, end, "later"),
      };
    }
  }
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

function createLimitCheck(
  { policy, bookings }: Question,
  dateOf: ZoneReader["dateOf"],
): (start: number) => boolean {
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
