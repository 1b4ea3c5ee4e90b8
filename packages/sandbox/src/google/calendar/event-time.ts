import type { calendar_v3 } from "@googleapis/calendar";
import { invalid } from "./google-error.ts";

/** A start or end, resolved: the instant, and the resource as Google would show it. */
export type EventTime = {
  ms: number;
  allDay: boolean;
  /** The zone that recurrences of this time follow. */
  timeZone: string;
  resource: calendar_v3.Schema$EventDateTime;
};

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

/**
 * Reads an event's `start` or `end`: `{date}`, or `{dateTime}` with an offset or a `timeZone`.
 * Throws Google's 400 where it is missing, ambiguous or no time at all.
 */
export function readEventTime(
  value: calendar_v3.Schema$EventDateTime | undefined,
  which: "start" | "end",
  calendarZone: string,
): EventTime {
  const { date, dateTime, timeZone } = value ?? {};
  if (!date && !dateTime) throw invalid(`Missing ${which} time.`, undefined, "required");
  if (date && dateTime) throw invalid(`Invalid ${which} time.`);
  if (timeZone && !isTimeZone(timeZone)) throw invalid(`Invalid time zone definition for ${which} time.`);
  if (date) return dayTime(date, which, calendarZone);
  const ms = readDateTime(dateTime ?? "", which, timeZone);
  const zone = timeZone || calendarZone;
  return {
    ms,
    allDay: false,
    timeZone: zone,
    resource: { dateTime: renderInZone(ms, calendarZone), timeZone: zone },
  };
}

function dayTime(date: string, which: string, calendarZone: string): EventTime {
  const ms = DATE.test(date) ? startOfDay(date, calendarZone) : undefined;
  if (ms === undefined) throw invalid(`Invalid value for: Invalid format: "${date}" (${which} date)`);
  return { ms, allDay: true, timeZone: calendarZone, resource: { date } };
}

function readDateTime(text: string, which: string, timeZone: string | null | undefined): number {
  if (LOCAL.test(text) && !timeZone) {
    throw invalid(`Missing time zone definition for ${which} time.`, undefined, "required");
  }
  const ms = WITH_OFFSET.test(text) ? instantOf(text) : timeZone ? wallTime(text, timeZone) : undefined;
  if (ms === undefined) throw invalid(`Invalid value for: Invalid format: "${text}" (${which} time)`);
  // Google keeps whole seconds.
  return Math.floor(ms / 1000) * 1000;
}

/** The instant of an RFC 3339 time whose offset is given; undefined for anything else. */
export function instantOf(text: string): number | undefined {
  const ms = WITH_OFFSET.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function wallTime(text: string, timeZone: string): number | undefined {
  if (!LOCAL.test(text)) return undefined;
  try {
    return Temporal.PlainDateTime.from(text, { overflow: "reject" }).toZonedDateTime(timeZone)
      .epochMilliseconds;
  } catch {
    return undefined;
  }
}

/** Midnight of a date in a zone, or the first moment of a day that has no midnight. */
export function startOfDay(date: string, timeZone: string): number | undefined {
  try {
    return Temporal.PlainDate.from(date, { overflow: "reject" }).toZonedDateTime(timeZone).epochMilliseconds;
  } catch {
    return undefined;
  }
}

/** An instant as Google writes it: local to the zone with its offset, `Z` where that is zero. */
export function renderInZone(ms: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: "never", smallestUnit: "second" })
    .replace("+00:00", "Z");
}

export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
