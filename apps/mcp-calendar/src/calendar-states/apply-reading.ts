import type { Interval } from "@cita/scheduling";
import {
  type CalendarRecord,
  type CalendarState,
  isCalendarTrouble,
  unknownCalendarState,
} from "@cita/token-store";
import { CalendarError, type CalendarTrouble, type Reading } from "../calendars/calendar.ts";

export type StateTiming = {
  /** How long after a reading a calendar is read again although no agent asks. */
  readonly checkAfterMs: number;
  /** The same after a reading that failed in a way that may pass. */
  readonly recheckAfterMs: number;
  /** How long readings have to fail until a trouble that may pass counts as lasting. */
  readonly lastingAfterMs: number;
};

/** A change becomes known within 15 minutes, also one that first has to last. */
export const defaultStateTiming: StateTiming = {
  checkAfterMs: 600_000,
  recheckAfterMs: 60_000,
  lastingAfterMs: 180_000,
};

/** How many readings have to fail until a trouble that may pass counts as lasting, however long they take. */
const failuresToLast = 3;

/** Putting off the next check is a write: it is done once less than this share of `checkAfterMs` is left. */
const putOffShare = 0.7;

export type LatestReading = {
  readonly reading: Reading;
  /** The calendars that the schedule names now. The reading may have been of fewer. */
  readonly namedCalendars: readonly string[];
  readonly timing: StateTiming;
  readonly now: number;
};

/**
 * What is known of a calendar after one more reading. Pure.
 *
 * A trouble that lasts counts at once, one that may pass after several failures. A state of trouble stays,
 * whatever other readings show, until a reading has shown that the same calendar, on the same days, can be read.
 * Where such a reading meets the same trouble for another reason, that reason replaces the first.
 * @returns `before` itself where nothing has to be stored.
 */
export function applyReading(before: CalendarRecord, latest: LatestReading): CalendarRecord {
  const troubles = troublesOf(latest.reading);
  const lasting = troubles.filter(({ lasts }) => lasts);
  if (isCalendarTrouble(before.state)) {
    const same = troubles.find((trouble) => isSame(before.state, trouble));
    if (same !== undefined) return withSameTrouble(before, same, latest);
    const isAnswered = before.state.name === "unreachable" && lasting.length > 0;
    if (!isAnswered && !showsMended(before.state, latest)) return withSameState(before, latest);
  }
  const [worst] = lasting;
  if (worst !== undefined) return withState(before, toState(worst, latest, latest.now), latest);
  const [passing] = troubles;
  if (passing !== undefined) return withFailure(before, passing, latest);
  // Any other failure, such as of our own limits, says nothing of the calendar.
  if (latest.reading.failures.size > 0) return before;
  if (!isOfAllCalendars(latest)) return before;
  if (before.state.name === "ok") return withSameState(before, latest);
  return withState(before, { ...unknownCalendarState, name: "ok", since: new Date(latest.now) }, latest);
}

/** The primary calendar's come first: they are about the whole account. */
function troublesOf({ failures, question }: Reading): CalendarTrouble[] {
  const ordered = ["primary", ...question.calendars.filter((id) => id !== "primary")];
  return ordered.flatMap((id) => {
    const failure = failures.get(id);
    return failure instanceof CalendarError && failure.trouble !== undefined ? [failure.trouble] : [];
  });
}

function isSame(state: CalendarState, trouble: CalendarTrouble): boolean {
  return state.name === trouble.name && state.calendar === trouble.calendar;
}

function isOfAllCalendars({ reading, namedCalendars }: LatestReading): boolean {
  return namedCalendars.every((id) => reading.question.calendars.includes(id));
}

/** A reading of other calendars, or of other days than those that couldn't be read, shows nothing. */
function showsMended(
  { calendar, span }: CalendarState,
  { reading, namedCalendars, now }: LatestReading,
): boolean {
  const { question, failures } = reading;
  if (calendar !== null && calendar !== "primary" && !namedCalendars.includes(calendar)) return true;
  const asked = calendar ?? "primary";
  if (!question.calendars.includes(asked)) return false;
  const failure = failures.get(asked);
  // Another trouble of the same calendar, if it lasts, shows that this one is over.
  if (failure !== undefined && !(failure instanceof CalendarError && failure.trouble?.lasts)) return false;
  return isOfSameDays(span, question.span, now);
}

/** Whether a reading was of all the days that couldn't be read before, as far as they are still ahead. */
function isOfSameDays(before: CalendarState["span"], read: Interval, now: number): boolean {
  if (before === null || before.end <= now) return true;
  return read.start <= Math.max(before.start, now) && before.end <= read.end;
}

/** The same trouble for another reason: the first reason may be mended, and another be in the way. */
function withSameTrouble(
  before: CalendarRecord,
  trouble: CalendarTrouble,
  latest: LatestReading,
): CalendarRecord {
  const { reason, span, since } = before.state;
  const hasOtherReason =
    trouble.lasts &&
    trouble.reason !== reason &&
    isOfSameDays(span, latest.reading.question.span, latest.now);
  if (!hasOtherReason) return withSameState(before, latest);
  return withState(before, toState(trouble, latest, since?.getTime() ?? latest.now), latest);
}

function toState(trouble: CalendarTrouble, { reading }: LatestReading, since: number): CalendarState {
  const { name, calendar, reason } = trouble;
  const span = name === "unreadable" ? reading.question.span : null;
  return { name, since: new Date(since), calendar, reason, span };
}

function withState(before: CalendarRecord, state: CalendarState, latest: LatestReading): CalendarRecord {
  return { ...before, state, failingSince: null, failures: 0, checkDue: nextCheck(latest) };
}

function withFailure(
  before: CalendarRecord,
  trouble: CalendarTrouble,
  latest: LatestReading,
): CalendarRecord {
  const { now, timing } = latest;
  // A time that lies ahead was stored by a clock that has been set back since.
  const isStored = before.failingSince !== null && before.failingSince.getTime() <= now;
  const failingSince = isStored ? before.failingSince : new Date(now);
  const failures = Math.min(before.failures + 1, failuresToLast);
  if (failures >= failuresToLast && now - failingSince.getTime() >= timing.lastingAfterMs) {
    return withState(before, toState(trouble, latest, failingSince.getTime()), latest);
  }
  const recheck = now + timing.recheckAfterMs;
  const isCounted = isStored && failures === before.failures && before.checkDue.getTime() <= recheck;
  return isCounted ? before : { ...before, failingSince, failures, checkDue: new Date(recheck) };
}

/** The state stays; the next check is put off now and then, and failures that have passed are forgotten. */
function withSameState(before: CalendarRecord, latest: LatestReading): CalendarRecord {
  const { now, timing } = latest;
  const hasPassed = before.failingSince !== null && latest.reading.failures.size === 0;
  const isDueSoon = before.checkDue.getTime() < now + putOffShare * timing.checkAfterMs;
  if (!hasPassed && !isDueSoon) return before;
  const passed = hasPassed ? { failingSince: null, failures: 0 } : {};
  return { ...before, ...passed, checkDue: nextCheck(latest) };
}

/** Up to a tenth earlier than `checkAfterMs`, so that calendars read in one minute aren't due in one minute. */
export function nextCheck({ now, timing }: Pick<LatestReading, "now" | "timing">): Date {
  return new Date(now + timing.checkAfterMs * (0.9 + 0.1 * Math.random()));
}
