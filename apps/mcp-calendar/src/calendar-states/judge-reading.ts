import type { Interval } from "@cita/scheduling";
import {
  type CalendarRecord,
  type CalendarState,
  isCalendarTrouble,
  unknownCalendarState,
} from "@cita/token-store";
import { CalendarError, type CalendarTrouble } from "../calendars/calendar.ts";
import type { Reading } from "../calendars/google-calendar.ts";

export type StateTiming = {
  /** How long after a reading a calendar is read again although nobody asks. */
  readonly checkAfterMs: number;
  /** The same after a reading that failed in a way that may pass. */
  readonly recheckAfterMs: number;
  /** How long readings have to fail before what may pass counts as lasting. */
  readonly lastingAfterMs: number;
};

/** A change becomes known within a quarter of an hour, also one that first has to last. */
export const defaultStateTiming: StateTiming = {
  checkAfterMs: 600_000,
  recheckAfterMs: 60_000,
  lastingAfterMs: 180_000,
};

/** How many readings have to fail before what may pass counts as lasting, however long it takes. */
const failuresToLast = 3;

/** When the next look is due is written down this much before it would matter, not at every reading. */
const dueShare = 0.3;

export type JudgedReading = {
  readonly reading: Reading;
  /** What the schedule names now. A reading may have been of fewer. */
  readonly namedCalendars: readonly string[];
  readonly timing: StateTiming;
  readonly now: number;
};

/**
 * What is known of a calendar after one more reading. The same object where nothing has to be written down.
 *
 * A trouble that lasts counts at once, one that may pass only when it has come again and again. Once there
 * is one it stays, whatever else goes wrong or right, until a reading has shown that the same calendar, on
 * the same days, can be read. Where such a reading meets the same trouble for another reason, that reason counts.
 */
export function judgeReading(before: CalendarRecord, judged: JudgedReading): CalendarRecord {
  const troubles = troublesOf(judged.reading);
  const lasting = troubles.filter(({ lasts }) => lasts);
  if (isCalendarTrouble(before.state)) {
    const same = troubles.find((trouble) => isSame(before.state, trouble));
    if (same !== undefined) return stillTroubled(before, same, judged);
    const isAnswered = before.state.name === "unreachable" && lasting.length > 0;
    if (!isAnswered && !showsMended(before.state, judged)) return settled(before, judged);
  }
  const [worst] = lasting;
  if (worst !== undefined) return changed(before, stateOf(worst, judged, judged.now), judged);
  const [passing] = troubles;
  if (passing !== undefined) return failedAgain(before, passing, judged);
  // What failed otherwise says nothing of the calendar.
  if (judged.reading.failures.size > 0) return before;
  if (!isWhole(judged)) return before;
  if (before.state.name === "ok") return settled(before, judged);
  return changed(before, { ...unknownCalendarState, name: "ok", since: new Date(judged.now) }, judged);
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

function isWhole({ reading, namedCalendars }: JudgedReading): boolean {
  return namedCalendars.every((id) => reading.question.calendars.includes(id));
}

/** A reading of other calendars, or of other days than those that couldn't be read, shows nothing. */
function showsMended(
  { calendar, span }: CalendarState,
  { reading, namedCalendars, now }: JudgedReading,
): boolean {
  const { question, failures } = reading;
  if (calendar !== null && calendar !== "primary" && !namedCalendars.includes(calendar)) return true;
  const asked = calendar ?? "primary";
  if (!question.calendars.includes(asked)) return false;
  const failure = failures.get(asked);
  // Another trouble of the same calendar shows that this one is over, if it lasts.
  if (failure !== undefined && !(failure instanceof CalendarError && failure.trouble?.lasts)) return false;
  return isOfSameDays(span, question.span, now);
}

/** Whether a reading was of all the days that couldn't be read before, as far as they are still ahead. */
function isOfSameDays(before: CalendarState["span"], read: Interval, now: number): boolean {
  if (before === null || before.end <= now) return true;
  return read.start <= Math.max(before.start, now) && before.end <= read.end;
}

/** What was to be mended first may be mended, and something else be in the way. */
function stillTroubled(
  before: CalendarRecord,
  trouble: CalendarTrouble,
  judged: JudgedReading,
): CalendarRecord {
  const { reason, span, since } = before.state;
  const isOther =
    trouble.lasts &&
    trouble.reason !== reason &&
    isOfSameDays(span, judged.reading.question.span, judged.now);
  if (!isOther) return settled(before, judged);
  return changed(before, stateOf(trouble, judged, since?.getTime() ?? judged.now), judged);
}

function stateOf(trouble: CalendarTrouble, { reading }: JudgedReading, since: number): CalendarState {
  const { name, calendar, reason } = trouble;
  const span = name === "unreadable" ? reading.question.span : null;
  return { name, since: new Date(since), calendar, reason, span };
}

function changed(before: CalendarRecord, state: CalendarState, judged: JudgedReading): CalendarRecord {
  return { ...before, state, failingSince: null, failures: 0, checkDue: nextCheck(judged) };
}

function failedAgain(
  before: CalendarRecord,
  trouble: CalendarTrouble,
  judged: JudgedReading,
): CalendarRecord {
  const { now, timing } = judged;
  // One that lies ahead was noted by a clock that has been set back since.
  const isNoted = before.failingSince !== null && before.failingSince.getTime() <= now;
  const failingSince = isNoted ? before.failingSince : new Date(now);
  const failures = Math.min(before.failures + 1, failuresToLast);
  if (failures >= failuresToLast && now - failingSince.getTime() >= timing.lastingAfterMs) {
    return changed(before, stateOf(trouble, judged, failingSince.getTime()), judged);
  }
  const recheck = now + timing.recheckAfterMs;
  const isCounted = isNoted && failures === before.failures && before.checkDue.getTime() <= recheck;
  return isCounted ? before : { ...before, failingSince, failures, checkDue: new Date(recheck) };
}

/** The state stays; now and then it is written down that nobody has to look for a while. */
function settled(before: CalendarRecord, judged: JudgedReading): CalendarRecord {
  const { now, timing } = judged;
  const isFailing = before.failingSince !== null && judged.reading.failures.size === 0;
  const isSoon = before.checkDue.getTime() < now + (1 - dueShare) * timing.checkAfterMs;
  if (!isFailing && !isSoon) return before;
  const kept = isFailing ? { failingSince: null, failures: 0 } : {};
  return { ...before, ...kept, checkDue: nextCheck(judged) };
}

/** Up to a tenth earlier than `checkAfterMs` says: calendars that were read in one minute aren't due in one minute. */
export function nextCheck({ now, timing }: Pick<JudgedReading, "now" | "timing">): Date {
  return new Date(now + timing.checkAfterMs * (0.9 + 0.1 * Math.random()));
}
