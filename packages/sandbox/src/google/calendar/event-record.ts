import type { calendar_v3 } from "@googleapis/calendar";
import { type EventTime, instantOf, readEventTime, renderInZone } from "./event-time.ts";
import { GoogleError, invalid } from "./google-error.ts";
import { compileRecurrence, type Recurrence } from "./recurrence.ts";

type Event = calendar_v3.Schema$Event;

/** Which calendar, and whose: what every event in it takes its defaults from. */
export type CalendarOwner = {
  /** As Google names it, in lower case: the account's e-mail for the primary calendar. */
  calendarId: string;
  /** The account's. */
  email: string;
  timeZone: string;
};

/** The part of a stored event that is plain data, and so can be kept between runs. */
export type StoredEvent = {
  readonly id: string;
  readonly resource: Event;
  readonly startMs: number;
  readonly endMs: number;
  readonly updatedMs: number;
};

/** A stored event: the resource as Google answers it, and what queries need of it. Never changed, only replaced. */
export type EventRecord = StoredEvent & {
  /** Present on the master of a recurring event. */
  readonly recurrence?: Recurrence;
};

/** What the server decides about a write, not the client. */
export type Stamp = {
  id: string;
  etag: string;
  nowMs: number;
};

/**
 * Makes the stored form of an event: checks its times and recurrence, and fills in what Google fills in.
 * Throws Google's 400 (`required`, `invalid`, `timeRangeEmpty`).
 */
export function makeRecord(event: Event, owner: CalendarOwner, stamp: Stamp): EventRecord {
  const start = readEventTime(event.start, "start", owner.timeZone);
  const end = readEventTime(event.end, "end", owner.timeZone);
  checkRange(start, end);
  const recurrence = readRecurrence(event, start, owner.timeZone);
  const resource: Event = {
    ...event,
    ...serverFields(event, owner, stamp),
    start: start.resource,
    end: end.resource,
    ...(event.attendees && { attendees: event.attendees.map((attendee) => showAttendee(attendee, owner)) }),
  };
  // Google leaves out what is at its default.
  if (resource.transparency === "opaque") delete resource.transparency;
  if (resource.visibility === "default") delete resource.visibility;
  return {
    id: stamp.id,
    resource,
    startMs: start.ms,
    endMs: end.ms,
    updatedMs: stamp.nowMs,
    ...(recurrence && { recurrence }),
  };
}

/** The record as it was before a restart: only its recurrence, which can't be kept, is compiled anew. */
export function restoreRecord(stored: StoredEvent, owner: CalendarOwner): EventRecord {
  const start = readEventTime(stored.resource.start, "start", owner.timeZone);
  const recurrence = readRecurrence(stored.resource, start, owner.timeZone);
  return { ...stored, ...(recurrence && { recurrence }) };
}

/** What of a record can be kept. */
export function storedPart({ recurrence: _compiled, ...stored }: EventRecord): StoredEvent {
  return stored;
}

function checkRange(start: EventTime, end: EventTime): void {
  if (start.allDay !== end.allDay) {
    throw invalid("Start and end times must either both be date or both be dateTime.");
  }
  if (end.ms < start.ms) {
    throw new GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", {
      domain: "calendar",
      location: "end",
    });
  }
}

function readRecurrence(event: Event, start: EventTime, calendarZone: string): Recurrence | undefined {
  if (!event.recurrence?.length) return undefined;
  if (!start.allDay && !event.start?.timeZone) {
    // An offset alone doesn't say how later instances follow daylight saving time.
    throw invalid("Missing time zone definition for start time.", undefined, "required");
  }
  return compileRecurrence(event.recurrence, start, calendarZone);
}

function serverFields(event: Event, owner: CalendarOwner, { id, etag, nowMs }: Stamp): Event {
  const now = new Date(nowMs).toISOString();
  const { calendarId, email } = owner;
  return {
    kind: "calendar#event",
    id,
    etag,
    status: event.status ?? "confirmed",
    htmlLink: htmlLink(id, calendarId),
    created: event.created ?? now,
    updated: now,
    creator: showPerson(event.creator ?? { email }, owner),
    organizer: showPerson(event.organizer ?? { email: calendarId }, owner),
    iCalUID: event.iCalUID ?? `${id}@google.com`,
    sequence: event.sequence ?? 0,
    reminders: event.reminders ?? { useDefault: true },
    eventType: event.eventType ?? "default",
  };
}

function showAttendee(
  attendee: calendar_v3.Schema$EventAttendee,
  owner: CalendarOwner,
): calendar_v3.Schema$EventAttendee {
  return showPerson({ ...attendee, responseStatus: attendee.responseStatus ?? "needsAction" }, owner);
}

/** `self` means the calendar, not the person: Google has a further calendar organise its own events. */
function showPerson<Person extends { email?: string | null }>(
  person: Person,
  { calendarId }: CalendarOwner,
): Person {
  return person.email?.toLowerCase() === calendarId ? { ...person, self: true } : person;
}

/** The link a person could open; the sandbox has no such page. */
export function htmlLink(id: string, calendarId: string): string {
  return `https://www.google.com/calendar/event?eid=${Buffer.from(`${id} ${calendarId}`).toString("base64url")}`;
}

/** The same event shown in another zone, as the `timeZone` parameter asks. */
export function showInZone(event: Event, timeZone: string): Event {
  const shift = (time: calendar_v3.Schema$EventDateTime) => {
    const ms = time.dateTime ? instantOf(time.dateTime) : undefined;
    return ms === undefined ? time : { ...time, dateTime: renderInZone(ms, timeZone) };
  };
  return {
    ...event,
    ...(event.start && { start: shift(event.start) }),
    ...(event.end && { end: shift(event.end) }),
    ...(event.originalStartTime && { originalStartTime: shift(event.originalStartTime) }),
  };
}
