import { dayMs } from "./durations.ts";
import { createSweep, type Interval, mergeIntervals } from "./interval.ts";
import { createOpeningTimes, type OpeningHours, weekdayOf } from "./opening-hours.ts";
import { type LocalDate, localMidnight, type ZoneClock } from "./zone-clock.ts";

export type SlotPolicy = {
  readonly durationMs: number;
  /** Distance between starts, counted from the start of each window. */
  readonly intervalMs: number;
  readonly minimumNoticeMs: number;
  /** How far ahead can be booked, from now. */
  readonly horizonMs: number;
  /** The instant before which nothing starts, because the business pauses; null: it doesn't. */
  readonly pausedUntil: number | null;
  /** Time that has to stay free around the appointment. It may be outside the opening hours. */
  readonly bufferBeforeMs: number;
  readonly bufferAfterMs: number;
  /** How many appointments of the service may overlap. */
  readonly capacity: number;
  /** The most appointments that may start on one date, and in one week from Monday; null: any number. */
  readonly maxPerDay: number | null;
  readonly maxPerWeek: number | null;
};

/** An appointment of our own, with the buffers it was made with. */
export type Reservation = Interval & {
  readonly bufferBeforeMs: number;
  readonly bufferAfterMs: number;
  /**
   * Which of the service's seats it takes, from 0; null: it is of another service, and takes them all. A seat beyond the
   * capacity, from when that was larger, takes them all too.
   */
  readonly seat: number | null;
};

/** All that decides whether a start can be booked. */
export type SlotConditions = {
  readonly clock: ZoneClock;
  readonly hours: OpeningHours;
  readonly policy: SlotPolicy;
  /** What others have put into the calendar. In any order; may overlap. */
  readonly busy: readonly Interval[];
  /** Our own appointments. Where a week's number is limited: those of the whole first and last week. */
  readonly bookings: readonly Reservation[];
  readonly now: number;
};

export type SlotQuery = SlotConditions & {
  /** First date, in the business's zone. */
  readonly from: LocalDate;
  readonly days: number;
};

/** Why a range has no slot at all. */
export type EmptyReason = "closed" | "fully_booked" | "too_soon" | "too_far";

/** Ascending starts, in epoch milliseconds. */
export type Slots = { readonly starts: readonly number[]; readonly reason?: EmptyReason };

/**
 * Why a start can't be booked. `taken`: something else is at that time, or the day or week is full. `paused`: only the
 * pause makes it too soon.
 */
export type Rejection = "outside_hours" | "too_soon" | "too_far" | "taken" | "paused";

/** The starts on the query's dates, ascending, at which an appointment can begin. Pure. */
export function findSlots(query: SlotQuery): Slots {
  const candidates = candidateStarts(query);
  const [earliest, latest] = bookableSpan(query);
  const inTime = candidates.filter((start) => earliest <= start && start <= latest);
  const starts = withoutFullDays(query, withoutTaken(query, inTime));
  return starts.length > 0 ? { starts } : { starts, reason: whyEmpty(query, candidates, inTime) };
}

/** Why `findSlots` doesn't offer a start; undefined exactly when it does. */
export function refuseStart(conditions: SlotConditions, start: number): Rejection | undefined {
  const onThatDay = { ...conditions, from: conditions.clock.dateAt(start), days: 1 };
  if (findSlots(onThatDay).starts.includes(start)) return undefined;
  const [earliest, latest] = bookableSpan(onThatDay);
  if (start < earliest) return start < earliestByNotice(onThatDay) ? "too_soon" : "paused";
  if (start > latest) return "too_far";
  return candidateStarts(onThatDay).includes(start) ? "taken" : "outside_hours";
}

/** Whether a start is free of other events and bookings, whatever opening hours, notice, horizon and limits say. */
export function isFree(query: Pick<SlotConditions, "policy" | "busy" | "bookings">, start: number): boolean {
  return withoutTaken(query, [start]).length === 1;
}

function bookableSpan(conditions: SlotConditions): [earliest: number, latest: number] {
  const { now, policy } = conditions;
  const { pausedUntil } = policy;
  const byNotice = earliestByNotice(conditions);
  return [pausedUntil === null ? byNotice : Math.max(byNotice, pausedUntil), now + policy.horizonMs];
}

function earliestByNotice({ now, policy }: SlotConditions): number {
  return now + policy.minimumNoticeMs;
}

function whyEmpty(query: SlotQuery, candidates: readonly number[], inTime: readonly number[]): EmptyReason {
  if (inTime.length > 0) return "fully_booked";
  const [rangeStart, rangeEnd] = rangeOf(query);
  const [earliest, latest] = bookableSpan(query);
  if (rangeEnd <= earliest) return "too_soon";
  if (rangeStart > latest) return "too_far";
  if (candidates.length === 0) return "closed";
  return candidates.some((start) => start < earliest) ? "too_soon" : "too_far";
}

function rangeOf({ clock, from, days }: SlotQuery): [start: number, end: number] {
  const midnight = localMidnight(from);
  return [clock.opening(midnight), clock.opening(midnight + days * dayMs)];
}

/**
 * Starts that the opening hours allow, ascending. Each window has its own grid from its own start, so that
 * starts don't depend on the query's dates; an appointment may reach from one window into the next one that adjoins it.
 *
 * Dates are counted by the calendar, not in steps of 24 hours. Windows of the two days before the first date count too: a
 * window may end after midnight, and after the next midnight where its end is in a gap. Windows of the days after the last
 * date count as far as an appointment may reach into them, of which the first may be shorter than 24 hours.
 */
function candidateStarts(query: SlotQuery): number[] {
  const { durationMs, intervalMs } = query.policy;
  const [rangeStart, rangeEnd] = rangeOf(query);
  const times = createOpeningTimes(query.clock, query.hours);
  const first = localMidnight(query.from) - 2 * dayMs;
  const dates = 2 + query.days + Math.ceil(durationMs / dayMs) + 1;
  const starts: number[] = [];
  let ordered = true;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { windows, end } of times.from(first, dates)) {
    for (const window of windows) {
      const lastStart = Math.min(window.end - 1, end - durationMs, rangeEnd - 1);
      const skipped = Math.max(0, Math.ceil((rangeStart - window.start) / intervalMs));
      for (let start = window.start + skipped * intervalMs; start <= lastStart; start += intervalMs) {
        if (start <= latest) ordered = false;
        starts.push(start);
        latest = start;
      }
    }
  }
  // Only overlapping windows give starts that are out of order or duplicate.
  return ordered ? starts : [...new Set(starts)].sort((a, b) => a - b);
}

/** One sweep over what blocks every seat, and one over the bookings of each seat. */
function withoutTaken(
  { policy, busy, bookings }: Pick<SlotConditions, "policy" | "busy" | "bookings">,
  starts: readonly number[],
): readonly number[] {
  const { durationMs, bufferBeforeMs, bufferAfterMs, capacity } = policy;
  const blocking: Interval[] = [...busy];
  const bySeat = new Map<number, Interval[]>();
  for (const booking of bookings) {
    if (booking.seat === null || booking.seat >= capacity || capacity === 1) {
      blocking.push(withBuffers(booking));
      continue;
    }
    const taken = bySeat.get(booking.seat) ?? [];
    taken.push(withBuffers(booking));
    bySeat.set(booking.seat, taken);
  }
  const isBlocked = createSweep(mergeIntervals(blocking));
  // A seat that no booking takes is always free.
  const seats = bySeat.size < capacity ? [] : [...bySeat.values()];
  const takenSeats = seats.map((taken) => createSweep(mergeIntervals(taken)));
  return starts.filter((start) => {
    const from = start - bufferBeforeMs;
    const until = start + durationMs + bufferAfterMs;
    if (isBlocked(from, until)) return false;
    return takenSeats.length === 0 || takenSeats.some((isTaken) => !isTaken(from, until));
  });
}

/** Between two appointments both buffers apply: the first one's after and the second one's before. */
function withBuffers({ start, end, bufferBeforeMs, bufferAfterMs }: Reservation): Interval {
  return { start: start - bufferBeforeMs, end: end + bufferAfterMs };
}

function withoutFullDays(conditions: SlotConditions, starts: readonly number[]): readonly number[] {
  const full = fullSpans(conditions);
  if (full.length === 0) return starts;
  const isFull = createSweep(mergeIntervals(full));
  return starts.filter((start) => !isFull(start, start + 1));
}

function fullSpans({ clock, policy, bookings }: SlotConditions): Interval[] {
  const dates = bookings.map(({ start }) => Math.floor(clock.toLocal(start) / dayMs));
  const weeks = dates.map((date) => date - weekdayOf(date * dayMs));
  const span = (firstDate: number, length: number) => ({
    start: clock.opening(firstDate * dayMs),
    end: clock.opening((firstDate + length) * dayMs),
  });
  return [
    ...reached(dates, policy.maxPerDay).map((date) => span(date, 1)),
    ...reached(weeks, policy.maxPerWeek).map((monday) => span(monday, 7)),
  ];
}

/** The values that occur at least `most` times. */
function reached(values: readonly number[], most: number | null): number[] {
  if (most === null) return [];
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= most).map(([value]) => value);
}
