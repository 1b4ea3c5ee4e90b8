import { createClock } from "@cita/scheduling";
import { z } from "zod";
import { type BusyTime, CalendarError, type CalendarTrouble } from "./calendar.ts";
import { busyTimeOf, type GoogleEvent } from "./google-event.ts";

/**
 * What in a calendar, or in an answer that should hold one, can't be read. A calendar stays unreadable until
 * somebody changes it; an answer that is no list of events may come from a proxy, and passes.
 */

/**
 * One event we can't understand makes the whole reading worthless: it might block anything.
 * @throws CalendarError
 */
export function toBusyTimes(events: readonly GoogleEvent[], timeZone: string, calendar: string): BusyTime[] {
  try {
    createClock(timeZone);
  } catch (cause) {
    throw unreadableCalendar(calendar, "time zone", cause);
  }
  return events.flatMap((event) => {
    try {
      return busyTimeOf(event, timeZone) ?? [];
    } catch (cause) {
      throw unreadableCalendar(calendar, nameOf(event), cause);
    }
  });
}

/** A page that isn't as it should be: because of one of its events, or altogether. */
export function unreadablePage(data: unknown, cause: z.ZodError, calendar: string): CalendarError {
  const [place, index] = cause.issues[0]?.path ?? [];
  const events = listedEvents.safeParse(data).data?.items;
  if (place !== "items" || typeof index !== "number" || events === undefined) return unreadableAnswer(cause);
  return unreadableCalendar(calendar, nameOf(events[index]), cause);
}

export function unreadableAnswer(cause?: unknown): CalendarError {
  const reason = "unreadable answer";
  const trouble: CalendarTrouble = { name: "unreachable", calendar: null, reason, lasts: false };
  return new CalendarError("calendar_unavailable", reason, { cause, trouble });
}

/** No person has as many: something writes them. */
export function tooManyEvents(calendar: string): CalendarError {
  return unreadableCalendar(calendar, "too many events");
}

function unreadableCalendar(calendar: string, reason: string, cause?: unknown): CalendarError {
  const trouble: CalendarTrouble = { name: "unreadable", calendar, reason, lasts: true };
  return new CalendarError("calendar_unavailable", "unreadable calendar", { cause, trouble });
}

const listedEvents = z.object({ kind: z.literal("calendar#events"), items: z.array(z.unknown()) });

const legibleTime = z.object({
  date: z.string().nullish().catch(null),
  dateTime: z.string().nullish().catch(null),
});
const legibleEvent = z.object({
  id: z.string().regex(/^[\w-]{1,200}$/),
  start: legibleTime.optional().catch(undefined),
});

/** By its id and date, as far as they are legible: never by what its owner wrote. */
function nameOf(event: unknown): string {
  const legible = legibleEvent.safeParse(event).data;
  if (legible === undefined) return "event";
  const [date] = /^\d{4}-\d{2}-\d{2}/.exec(legible.start?.dateTime ?? legible.start?.date ?? "") ?? [];
  return `event ${legible.id}${date === undefined ? "" : ` on ${date}`}`;
}
