import { createClock, formatTime, hourMs, minuteMs } from "@cita/scheduling";

const wallTime = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::\d{2})?$/;

/**
 * Reads what a `datetime-local` field sends, as a time of a time zone. In a gap the clocks have been put forward already.
 * @returns the time with its offset; undefined where it is none, or the zone is none
 */
export function toInstant(text: string, timeZone: string): string | undefined {
  const [, date, hours, minutes] = wallTime.exec(text) ?? [];
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight) || !isTimeZone(timeZone)) return undefined;
  const clock = createClock(timeZone);
  const local = midnight + Number(hours) * hourMs + Number(minutes) * minuteMs;
  return formatTime(clock, clock.opening(local)).iso;
}

/** A moment as the value of a `datetime-local` field. */
export function toWallTime(at: number, timeZone: string): string {
  return formatTime(createClock(timeZone), at).iso.slice(0, 16);
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).format(0) !== "";
  } catch {
    return false;
  }
}
