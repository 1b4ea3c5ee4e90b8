/**
 * Google's event resource: which time an event takes up, what an event of ours shows, and what is written of a booking.
 * @see https://developers.google.com/workspace/calendar/api/v3/reference/events#resource
 */

import {
  createClock,
  dayMs,
  type Interval,
  type LocalTime,
  localMidnight,
  parseDate,
  parseTime,
} from "@cita/scheduling";
import type { calendar_v3 } from "@googleapis/calendar";
import { z } from "zod";
import type {
  BusyTime,
  Invitation,
  NewEvent,
  OwnEvent,
  OwnEventKey,
  OwnMark,
  RetiredEvent,
} from "../calendar.ts";
import { nameOfEvent, unreadableAnswer, unreadableCalendar } from "./failures.ts";

const edge = z.object({
  date: z.string().nullish(),
  dateTime: z.string().nullish(),
});
type Edge = z.infer<typeof edge>;

/** The members of an event that say whether, and when, it takes up time. */
export const googleEvent = z.object({
  id: z.string(),
  status: z.string().nullish(),
  transparency: z.string().nullish(),
  eventType: z.string().nullish(),
  start: edge.optional(),
  end: edge.optional(),
  organizer: z.object({ self: z.boolean().nullish() }).nullish(),
  attendees: z
    .array(z.object({ self: z.boolean().nullish(), responseStatus: z.string().nullish() }))
    .nullish(),
});
export type GoogleEvent = z.infer<typeof googleEvent>;

/**
 * The times that the events of a calendar take up. One event that can't be read fails the whole reading, since it might
 * take any time.
 * @throws CalendarError
 */
export function toBusyTimes(
  events: readonly GoogleEvent[],
  timeZone: string,
  calendarId: string,
): BusyTime[] {
  try {
    createClock(timeZone);
  } catch (cause) {
    throw unreadableCalendar(calendarId, "time zone", cause);
  }
  return events.flatMap((event) => {
    try {
      return busyTimeOf(event, timeZone) ?? [];
    } catch (cause) {
      throw unreadableCalendar(calendarId, nameOfEvent(event), cause);
    }
  });
}

/** These types of events take up no time. */
const freeEventTypes = new Set(["workingLocation", "birthday"]);

/**
 * @returns undefined where the event takes up no time: cancelled, marked as free, declined by the calendar's
 * owner, or of a type that never does. The time of a timed event without a length is empty.
 * @throws RangeError where its time can't be read.
 */
function busyTimeOf(event: GoogleEvent, timeZone: string): BusyTime | undefined {
  if (event.status === "cancelled" || event.transparency === "transparent") return undefined;
  if (freeEventTypes.has(event.eventType ?? "default")) return undefined;
  if (ownAnswerTo(event) === "declined") return undefined;
  return { ...timeOf(event, timeZone), own: readMark(event.id), tentative: isTentative(event) };
}

/**
 * The ids of our events begin with this, followed by our mark. Google lets us choose ids, so that an event is found
 * whether or not its insert was answered, and readings need no member of an event beside its id to tell ours.
 */
const ownIdPrefix = "cita";

/** The id of our event at Google. Events that were written by earlier versions have ids of the same form. */
export function toGoogleId({ bookingId, eventId }: OwnEventKey): string {
  return eventId ?? `${ownIdPrefix}${bookingId}`;
}

/** Google's id of an occurrence in a series is the id of the series, `_` and the occurrence's time. */
function readMark(id: string): OwnMark | null {
  const [, eventId, bookingId, occurrence] = /^(cita([0-9a-v]+))(_.*)?$/.exec(id) ?? [];
  if (eventId === undefined || bookingId === undefined) return null;
  return { bookingId, eventId, isOccurrence: occurrence !== undefined };
}

/** What the calendar's owner answered to the invitation, where it is one. */
function ownAnswerTo({ attendees }: GoogleEvent): string | null | undefined {
  return attendees?.find((attendee) => attendee.self === true)?.responseStatus;
}

/**
 * Google adds an invitation to the calendar before it is answered, whoever sends it. Until then the event is as
 * tentative as one answered with "maybe", unless the calendar itself organises it.
 * @see https://developers.google.com/workspace/calendar/api/v3/reference/events#resource
 */
function isTentative(event: GoogleEvent): boolean {
  const answer = ownAnswerTo(event);
  if (event.status === "tentative" || answer === "tentative") return true;
  return answer === "needsAction" && event.organizer?.self !== true;
}

/** Both edges are dates or both are times. @throws RangeError for anything else. */
function timeOf({ start = {}, end = {} }: GoogleEvent, timeZone: string): Interval {
  const time =
    start.dateTime == null
      ? allDayTime(start, end, timeZone)
      : { start: instantOf(start.dateTime), end: instantOf(end.dateTime ?? "") };
  if (time.end < time.start) throw unusable();
  return time;
}

/**
 * From midnight to midnight in the calendar's zone; the end date is exclusive. Where it is the start date, as
 * some imports write it, or missing, the event takes that one day.
 * @see https://www.rfc-editor.org/rfc/rfc5545#section-3.6.1
 */
function allDayTime(start: Edge, end: Edge, timeZone: string): Interval {
  if (end.dateTime != null) throw unusable();
  const first = start.date ?? "";
  const last = end.date ?? first;
  const { opening, closing } = createClock(timeZone);
  return {
    start: farAway(first) ?? opening(midnightOf(first)),
    end: farAway(last) ?? closing(midnightOf(last) + (last === first ? dayMs : 0)),
  };
}

function midnightOf(date: string): LocalTime {
  if (parseDate(date) === undefined) throw unusable();
  return localMidnight(date);
}

/** Clamps dates outside 1970 to 2199, such as the end of "closed until further notice" in the year 9999. */
function farAway(text: string): number | undefined {
  const year = Number(/^\d{4}(?=-\d{2}-\d{2})/.exec(text)?.[0]);
  if (year >= 2200) return Date.UTC(2200, 0);
  return year < 1970 ? 0 : undefined;
}

/** Refuses a time without an offset, which would be read in this server's time zone. */
function instantOf(dateTime: string): number {
  const far = farAway(dateTime);
  if (far !== undefined) return far;
  const read = parseTime(dateTime);
  if (read?.kind !== "instant") throw unusable();
  return read.instant;
}

function unusable(): RangeError {
  return new RangeError("An event has no usable time.");
}

/** An event of ours as Google returns it. */
const ownEvent = googleEvent.extend({
  etag: z.string().min(1),
  hangoutLink: z.string().nullish(),
  recurrence: z.array(z.string()).nullish(),
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).nullish() }).nullish(),
});
export const ownEventFields = "id,etag,status,start,end,hangoutLink,recurrence,extendedProperties/private";

/** On every event of ours, and on no other: an event without it is never touched. */
const ownProperty = "cita_booking_id";

/** @throws CalendarError */
export function toOwnEvent(data: unknown, timeZone: string, { bookingId }: { bookingId: string }): OwnEvent {
  const event = ownEvent.safeParse(data);
  if (!event.success) throw unreadableAnswer(event.error);
  const { id, status, etag, hangoutLink, recurrence, extendedProperties } = event.data;
  if (status === "cancelled") return { kind: "gone" };
  if (extendedProperties?.private?.[ownProperty] !== bookingId) return { kind: "unknown" };
  // An event that was marked as free or declined by hand is still an appointment.
  const [time] = toBusyTimes([{ ...event.data, transparency: null, attendees: null }], timeZone, "primary");
  if (time === undefined) return { kind: "unknown" };
  return {
    kind: "found",
    eventId: id,
    start: time.start,
    end: time.end,
    version: etag,
    meetLink: hangoutLink ?? null,
    recurring: (recurrence?.length ?? 0) > 0,
  };
}

/** An event of ours with its guests. All their members are kept, since a patch replaces the whole list. */
const invitableEvent = ownEvent.extend({
  attendees: z.array(z.looseObject({ email: z.string().nullish(), self: z.boolean().nullish() })).nullish(),
});
export const invitableEventFields = `${ownEventFields},attendees`;

/**
 * The guests of an event of ours with one more.
 * @returns undefined where the event has that guest.
 * @throws CalendarError
 */
export function addAttendee(
  data: unknown,
  { email, name }: Invitation,
): calendar_v3.Schema$EventAttendee[] | undefined {
  const event = invitableEvent.safeParse(data);
  if (!event.success) throw unreadableAnswer(event.error);
  const attendees = (event.data.attendees ?? []) as calendar_v3.Schema$EventAttendee[];
  const address = email.toLowerCase();
  if (attendees.some((attendee) => attendee.email?.toLowerCase() === address)) return undefined;
  return [...attendees, { email, displayName: name }];
}

export function toGoogleEvent(event: NewEvent): calendar_v3.Schema$Event {
  return {
    id: toGoogleId({ ...event, eventId: null }),
    summary: event.title,
    description: event.description,
    ...toEventTimes(event, event.timeZone),
    ...ownMark(event),
    ...(event.withMeetLink && {
      conferenceData: {
        createRequest: { requestId: event.bookingId, conferenceSolutionKey: { type: "hangoutsMeet" } },
      },
    }),
  };
}

/** An event that takes up no time, to be deleted at once: its id can't be used again. */
export function toPlaceholder(event: RetiredEvent): calendar_v3.Schema$Event {
  return {
    id: toGoogleId(event),
    ...toEventTimes(event, event.timeZone),
    ...ownMark(event),
    transparency: "transparent",
    visibility: "private",
    reminders: { useDefault: false },
  };
}

export function toEventTimes({ start, end }: Interval, timeZone: string) {
  return {
    start: { dateTime: new Date(start).toISOString(), timeZone },
    end: { dateTime: new Date(end).toISOString(), timeZone },
  };
}

function ownMark({ bookingId }: { bookingId: string }) {
  return { extendedProperties: { private: { [ownProperty]: bookingId } } };
}
