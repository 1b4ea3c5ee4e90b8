import type { calendar_v3 } from "@googleapis/calendar";
import { z } from "zod";
import { invalid } from "./google-error.ts";

type Event = calendar_v3.Schema$Event;

const text = z.string().nullish();
const flag = z.boolean().nullish();
const anything = z.record(z.string(), z.unknown()).nullish();
const properties = z.record(z.string(), z.string().nullable()).nullish();
const eventTime = z.object({ date: text, dateTime: text, timeZone: text }).nullish();
const attendee = z.object({
  email: z.string().min(1),
  displayName: text,
  comment: text,
  additionalGuests: z.number().int().nullish(),
  optional: flag,
  resource: flag,
  responseStatus: z.enum(["needsAction", "declined", "tentative", "accepted"]).nullish(),
});

/** What a client may write. Anything else in the body is read-only or unknown, and ignored as Google does. */
const writableEvent = z.object({
  summary: text,
  description: text,
  location: text,
  colorId: text,
  iCalUID: text,
  status: z.enum(["confirmed", "tentative", "cancelled"]).nullish(),
  transparency: z.enum(["opaque", "transparent"]).nullish(),
  visibility: z.enum(["default", "public", "private", "confidential"]).nullish(),
  eventType: z
    .enum(["default", "outOfOffice", "focusTime", "workingLocation", "birthday", "fromGmail"])
    .nullish(),
  start: eventTime,
  end: eventTime,
  recurrence: z.array(z.string()).nullish(),
  attendees: z.array(attendee).nullish(),
  extendedProperties: z.object({ private: properties, shared: properties }).nullish(),
  conferenceData: anything,
  reminders: anything,
  source: anything,
  attachments: z.array(z.record(z.string(), z.unknown())).nullish(),
  sequence: z.number().int().nonnegative().nullish(),
  guestsCanModify: flag,
  guestsCanInviteOthers: flag,
  guestsCanSeeOtherGuests: flag,
  anyoneCanAddSelf: flag,
  outOfOfficeProperties: anything,
  focusTimeProperties: anything,
  workingLocationProperties: anything,
  birthdayProperties: anything,
});

/**
 * An event kept between runs. What a client may write is checked as it was then; nothing is dropped or
 * changed, for the server's own fields are in it too.
 */
export const storedResource = z.custom<Event>((value) => writableEvent.safeParse(value).success);

/** A client's changes: absent fields stay as they are, `null` removes. */
export type EventChanges = z.infer<typeof writableEvent>;

/** Reads an insert, update or patch body. Throws Google's 400 naming the field that doesn't fit. */
export function readEventChanges(body: unknown): EventChanges {
  const parsed = writableEvent.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") || "event";
  throw invalid(`Invalid value for field ${field}: ${issue?.message ?? "unreadable"}`, field);
}

/**
 * Applies changes as Google's patch does: objects merge, arrays are replaced, `null` removes.
 * https://developers.google.com/workspace/calendar/api/guides/performance#patch
 */
export function applyChanges(current: Event, changes: EventChanges): Event {
  return mergeObjects(current, changes);
}

function mergeObjects(current: object, changes: object): object {
  const merged: Record<string, unknown> = { ...current };
  for (const [key, change] of Object.entries(changes)) {
    if (change === undefined) continue;
    if (change === null) delete merged[key];
    else if (isPlainObject(change)) {
      const before = merged[key];
      merged[key] = mergeObjects(isPlainObject(before) ? before : {}, change);
    } else merged[key] = change;
  }
  return merged;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
