import { createClock, localMidnight, readDate, readTime } from "@cita/scheduling";
import { z } from "zod";
import type { BusyTime } from "./calendar.ts";
import { unreadable } from "./google-failure.ts";

const edge = z.object({
  date: z.string().nullish(),
  dateTime: z.string().nullish(),
});

/** What an event must tell for us to know whether, and when, it blocks. */
export const googleEvent = z.object({
  id: z.string(),
  status: z.string().nullish(),
  transparency: z.string().nullish(),
  eventType: z.string().nullish(),
  start: edge.optional(),
  end: edge.optional(),
  attendees: z
    .array(z.object({ self: z.boolean().nullish(), responseStatus: z.string().nullish() }))
    .nullish(),
});
export type GoogleEvent = z.infer<typeof googleEvent>;

/** These say where somebody is or whose day it is; they block nothing. */
const freeEventTypes = new Set(["workingLocation", "birthday"]);

/**
 * The time an event blocks, or undefined when it blocks none: cancelled, marked as free, declined by
 * the calendar's owner, or of a kind that never blocks.
 */
export function busyTimeOf(event: GoogleEvent, timeZone: string): BusyTime | undefined {
  if (event.status === "cancelled" || event.transparency === "transparent") return undefined;
  if (freeEventTypes.has(event.eventType ?? "default")) return undefined;
  const answer = event.attendees?.find((attendee) => attendee.self === true)?.responseStatus;
  if (answer === "declined") return undefined;
  const [start, end] = [edgeOf(event, "start", timeZone), edgeOf(event, "end", timeZone)];
  if (end < start) throw unusable();
  const tentative = event.status === "tentative" || answer === "tentative";
  return { eventId: event.id, start, end, tentative };
}

/** All-day events run from midnight to midnight in the calendar's zone; their end date is exclusive. */
function edgeOf(event: GoogleEvent, name: "start" | "end", timeZone: string): number {
  const { date, dateTime } = event[name] ?? {};
  const far = farAway(dateTime ?? date ?? "");
  if (far !== undefined) return far;
  if (dateTime != null) return instantOf(dateTime);
  const day = readDate(date ?? "");
  if (day === undefined) throw unusable();
  const clock = createClock(timeZone);
  const midnight = localMidnight(day);
  return name === "start" ? clock.opening(midnight) : clock.closing(midnight);
}

/** "Closed until further notice" may end in the year 9999; no appointment lies there, so any far instant will do. */
function farAway(text: string): number | undefined {
  const year = Number(/^\d{4}(?=-\d{2}-\d{2})/.exec(text)?.[0]);
  if (year >= 2200) return Date.UTC(2200, 0);
  return year < 1970 ? 0 : undefined;
}

/** Without an offset it would be read in this server's zone. */
function instantOf(dateTime: string): number {
  const read = readTime(dateTime);
  if (read?.kind !== "instant") throw unusable();
  return read.instant;
}

function unusable(): RangeError {
  return new RangeError("An event has no usable time.");
}

/** One event we can't understand makes the whole reading worthless: it might block anything. */
export function toBusyTimes(events: readonly GoogleEvent[], timeZone: string): BusyTime[] {
  try {
    createClock(timeZone);
    return events.flatMap((event) => busyTimeOf(event, timeZone) ?? []);
  } catch (cause) {
    throw unreadable(cause);
  }
}
