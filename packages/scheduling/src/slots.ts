import { type LocalDate, localMidnight, type ZoneClock } from "./zone-clock.ts";

/** Half-open, in epoch milliseconds: an appointment may start the moment another ends. */
export type Interval = { readonly start: number; readonly end: number };

export const weekdays = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
export type Weekday = (typeof weekdays)[number];

/** Wall times `HH:MM`; `24:00` is allowed as an end, and an end at or before the start lies on the next day. */
export type OpeningWindow = { readonly start: string; readonly end: string };
export type WeeklyHours = Readonly<Record<Weekday, readonly OpeningWindow[]>>;

export type SlotPolicy = {
  readonly durationMs: number;
  /** Distance between starts, counted from each opening. */
  readonly intervalMs: number;
  readonly minimumNoticeMs: number;
  /** How far ahead can be booked, from now. */
  readonly horizonMs: number;
};

export type SlotQuery = {
  readonly clock: ZoneClock;
  readonly weeklyHours: WeeklyHours;
  readonly policy: SlotPolicy;
  /** In any order; may overlap. */
  readonly busy: readonly Interval[];
  readonly now: number;
  /** First date, in the business's zone. */
  readonly from: LocalDate;
  readonly days: number;
};

/** Why a range has no slot at all. */
export type EmptyReason = "closed" | "fully_booked" | "too_soon" | "too_far";

export type Availability = { readonly starts: readonly number[]; readonly reason?: EmptyReason };

/** Why a start can't be booked. `taken`: something else is there. */
export type Rejection = "outside_hours" | "too_soon" | "too_far" | "taken";

const day = 86_400_000;
const minute = 60_000;

/** The starts on the dates asked for, ascending, at which an appointment can begin. Pure. */
export function findSlots(query: SlotQuery): Availability {
  const [earliest, latest] = bookableSpan(query);
  const candidates = candidateStarts(query);
  const inTime = candidates.filter((start) => earliest <= start && start <= latest);
  const starts = withoutBusy(inTime, query.policy.durationMs, query.busy);
  return starts.length > 0 ? { starts } : { starts, reason: whyEmpty(query, candidates, inTime) };
}

/** What `findSlots` has against a start; undefined exactly when it would offer it. */
export function refuseStart(query: Omit<SlotQuery, "from" | "days">, start: number): Rejection | undefined {
  const onThatDay = { ...query, from: query.clock.dateAt(start), days: 1 };
  if (findSlots(onThatDay).starts.includes(start)) return undefined;
  const [earliest, latest] = bookableSpan(onThatDay);
  if (start < earliest) return "too_soon";
  if (start > latest) return "too_far";
  return candidateStarts(onThatDay).includes(start) ? "taken" : "outside_hours";
}

function bookableSpan({ now, policy }: SlotQuery): [earliest: number, latest: number] {
  return [now + policy.minimumNoticeMs, now + policy.horizonMs];
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
  return [clock.opening(midnight), clock.opening(midnight + days * day)];
}

/**
 * Starts that the opening hours allow, ascending. Dates are walked on the calendar, not in steps of
 * 24 hours; the day before counts too, because its last window may reach past midnight.
 */
function candidateStarts(query: SlotQuery): number[] {
  const [rangeStart, rangeEnd] = rangeOf(query);
  const starts = new Set<number>();
  for (let i = -1; i < query.days; i++) {
    const midnight = localMidnight(query.from) + i * day;
    for (const window of windowsOn(query.weeklyHours, midnight)) {
      for (const start of gridOf(query, midnight, window)) {
        if (rangeStart <= start && start < rangeEnd) starts.add(start);
      }
    }
  }
  return [...starts].sort((a, b) => a - b);
}

function windowsOn(weeklyHours: WeeklyHours, midnight: number): readonly OpeningWindow[] {
  const weekday = weekdays[(new Date(midnight).getUTCDay() + 6) % 7];
  return weekday === undefined ? [] : weeklyHours[weekday];
}

function* gridOf({ clock, policy }: SlotQuery, midnight: number, window: OpeningWindow): Generator<number> {
  const opensAt = minutesOf(window.start);
  const closesAt = minutesOf(window.end);
  const closesOn = closesAt > opensAt ? midnight : midnight + day;
  const open = clock.opening(midnight + opensAt * minute);
  const close = clock.closing(closesOn + closesAt * minute);
  for (let start = open; start + policy.durationMs <= close; start += policy.intervalMs) yield start;
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** One sweep: both lists ascend, so each busy interval is looked at once. */
function withoutBusy(starts: readonly number[], durationMs: number, busy: readonly Interval[]): number[] {
  const blocks = merged(busy);
  let next = 0;
  return starts.filter((start) => {
    while ((blocks[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next++;
    const block = blocks[next];
    return block === undefined || start + durationMs <= block.start;
  });
}

function merged(intervals: readonly Interval[]): Interval[] {
  const ascending = intervals.filter(({ start, end }) => start < end).sort((a, b) => a.start - b.start);
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ascending) {
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}
