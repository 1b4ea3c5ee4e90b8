import type { Interval } from "@cita/scheduling";
import {
  type CalendarRecord,
  type CalendarState,
  isProblemState,
  unknownCalendarState,
} from "@cita/token-store";
import { CalendarError, type CalendarProblem, type Reading } from "../calendars/calendar.ts";

export type StateTiming = {
  /** How long after a reading the watch reads a calendar again. */
  readonly checkAfterMs: number;
  /** The same after a reading that failed in a way that may pass. */
  readonly recheckAfterMs: number;
  /** How long readings have to fail until a problem that may pass counts as lasting. */
  readonly lastingAfterMs: number;
};

/** With these a change is noticed within 15 minutes, even a problem that has to last first. */
export const defaultStateTiming: StateTiming = {
  checkAfterMs: 600_000,
  recheckAfterMs: 60_000,
  lastingAfterMs: 180_000,
};

/** How many readings have to fail, besides `lastingAfterMs`, until a problem that may pass counts as lasting. */
const failuresToLast = 3;

/** Postponing the next check is a write. It is done when less than this share of `checkAfterMs` is left. */
const putOffShare = 0.7;

export type LatestReading = {
  readonly reading: Reading;
  /** The calendars that the schedule names now. The reading may have been of fewer. */
  readonly namedCalendars: readonly string[];
  readonly timing: StateTiming;
  readonly now: number;
};

/**
 * The record of a calendar after one more reading. Pure.
 *
 * A problem that lasts becomes the state at once, a problem that may pass does after several failures. The state then
 * stays until a reading of the same calendar and the same days succeeds, whatever other readings show. Where such a
 * reading meets the same problem for another reason, the new reason replaces the old one.
 * @returns `before` itself where nothing has to be stored.
 */
export function applyReading(before: CalendarRecord, latest: LatestReading): CalendarRecord {
  const problems = problemsIn(latest.reading);
  const lasting = problems.filter(({ lasts }) => lasts);
  if (isProblemState(before.state)) {
    const same = problems.find((problem) => isSame(before.state, problem));
    if (same !== undefined) return withSameProblem(before, same, latest);
    const isAnswered = before.state.name === "unreachable" && lasting.length > 0;
    if (!isAnswered && !showsMended(before.state, latest)) return withSameState(before, latest);
  }
  const [worst] = lasting;
  if (worst !== undefined) return withState(before, toState(worst, latest, latest.now), latest);
  const [passing] = problems;
  if (passing !== undefined) return withFailure(before, passing, latest);
  // Failures without a problem, such as our own limits, say nothing about the calendar.
  if (latest.reading.failures.size > 0) return before;
  if (!isOfAllCalendars(latest)) return before;
  if (before.state.name === "ok") return withSameState(before, latest);
  return withState(before, { ...unknownCalendarState, name: "ok", since: new Date(latest.now) }, latest);
}

/**
 * Whether a reading leaves the record of a calendar that answers as it is, whichever calendars the schedule names. Of most
 * readings it is so, and the schedule needn't be read for them.
 */
export function isAsBefore(
  { state, failingSince, checkDue }: CalendarRecord,
  { reading, timing, now }: Omit<LatestReading, "namedCalendars">,
): boolean {
  const hasFailures = failingSince !== null || reading.failures.size > 0;
  return state.name === "ok" && !hasFailures && !isDueSoon(checkDue, { timing, now });
}

/** Problems of the primary calendar come first, since they concern the whole account. */
function problemsIn({ failures, question }: Reading): CalendarProblem[] {
  const ordered = ["primary", ...question.calendars.filter((id) => id !== "primary")];
  return ordered.flatMap((id) => {
    const failure = failures.get(id);
    return failure instanceof CalendarError && failure.problem !== undefined ? [failure.problem] : [];
  });
}

function isSame(state: CalendarState, problem: CalendarProblem): boolean {
  return state.name === problem.name && state.calendar === problem.calendar;
}

function isOfAllCalendars({ reading, namedCalendars }: LatestReading): boolean {
  return namedCalendars.every((id) => reading.question.calendars.includes(id));
}

/** Whether a reading shows that the problem is over. A reading of other calendars or other days doesn't. */
function showsMended(
  { calendar, span }: CalendarState,
  { reading, namedCalendars, now }: LatestReading,
): boolean {
  const { question, failures } = reading;
  if (calendar !== null && calendar !== "primary" && !namedCalendars.includes(calendar)) return true;
  const asked = calendar ?? "primary";
  if (!question.calendars.includes(asked)) return false;
  const failure = failures.get(asked);
  // Another lasting problem of the same calendar shows that the one in the state is over.
  if (failure !== undefined && !(failure instanceof CalendarError && failure.problem?.lasts)) return false;
  return isOfSameDays(span, question.span, now);
}

/** Whether a reading covers all days that couldn't be read before and aren't past. */
function isOfSameDays(before: CalendarState["span"], read: Interval, now: number): boolean {
  if (before === null || before.end <= now) return true;
  return read.start <= Math.max(before.start, now) && before.end <= read.end;
}

/** The same problem. Another reason for it replaces the one in the state, which somebody may have mended. */
function withSameProblem(
  before: CalendarRecord,
  problem: CalendarProblem,
  latest: LatestReading,
): CalendarRecord {
  const { reason, span, since } = before.state;
  const hasOtherReason =
    problem.lasts &&
    problem.reason !== reason &&
    isOfSameDays(span, latest.reading.question.span, latest.now);
  if (!hasOtherReason) return withSameState(before, latest);
  return withState(before, toState(problem, latest, since?.getTime() ?? latest.now), latest);
}

function toState(problem: CalendarProblem, { reading }: LatestReading, since: number): CalendarState {
  const { name, calendar, reason } = problem;
  const span = name === "unreadable" ? reading.question.span : null;
  return { name, since: new Date(since), calendar, reason, span };
}

function withState(before: CalendarRecord, state: CalendarState, latest: LatestReading): CalendarRecord {
  return { ...before, state, failingSince: null, failures: 0, checkDue: nextCheck(latest) };
}

function withFailure(
  before: CalendarRecord,
  problem: CalendarProblem,
  latest: LatestReading,
): CalendarRecord {
  const { now, timing } = latest;
  // A time in the future was stored before the clock was set back.
  const isStored = before.failingSince !== null && before.failingSince.getTime() <= now;
  const failingSince = isStored ? before.failingSince : new Date(now);
  const failures = Math.min(before.failures + 1, failuresToLast);
  if (failures >= failuresToLast && now - failingSince.getTime() >= timing.lastingAfterMs) {
    return withState(before, toState(problem, latest, failingSince.getTime()), latest);
  }
  const recheck = now + timing.recheckAfterMs;
  const isCounted = isStored && failures === before.failures && before.checkDue.getTime() <= recheck;
  return isCounted ? before : { ...before, failingSince, failures, checkDue: new Date(recheck) };
}

/** Keeps the state, postpones the next check now and then, and clears failures that have passed. */
function withSameState(before: CalendarRecord, latest: LatestReading): CalendarRecord {
  const { now, timing } = latest;
  const hasPassed = before.failingSince !== null && latest.reading.failures.size === 0;
  if (!hasPassed && !isDueSoon(before.checkDue, { timing, now })) return before;
  const passed = hasPassed ? { failingSince: null, failures: 0 } : {};
  return { ...before, ...passed, checkDue: nextCheck(latest) };
}

function isDueSoon(checkDue: Date, { timing, now }: Pick<LatestReading, "timing" | "now">): boolean {
  return checkDue.getTime() < now + putOffShare * timing.checkAfterMs;
}

/** Up to a tenth earlier than `checkAfterMs`: calendars that were read together aren't due together. */
export function nextCheck({ now, timing }: Pick<LatestReading, "now" | "timing">): Date {
  return new Date(now + timing.checkAfterMs * (0.9 + 0.1 * Math.random()));
}
