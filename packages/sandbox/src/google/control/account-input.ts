import { z } from "zod";
import { DEFAULT_TIME_ZONE, isEmail, type NewAccount } from "../accounts.ts";
import { applyChanges, readEventChanges } from "../calendar/event-input.ts";
import type { EventStore } from "../calendar/event-store.ts";
import { isTimeZone } from "../calendar/event-time.ts";

/** `2027-01-18` is all day; a time without an offset is the calendar's own wall time. */
const controlTime = z
  .union([z.string(), z.record(z.string(), z.string())])
  .transform((time) => (typeof time === "string" ? timeFromText(time) : time));
const person = z.looseObject({ email: z.string() });
const eventList = z
  .array(
    z.looseObject({
      id: z.string().optional(),
      start: controlTime,
      end: controlTime,
      organizer: person.optional(),
      creator: person.optional(),
    }),
  )
  .default([]);
const timeZone = z.string().refine(isTimeZone, "not a time zone");
const calendar = z.strictObject({
  id: z.string().refine(isEmail, "not a calendar's id"),
  time_zone: timeZone.optional(),
  events: eventList,
});
const accountSchema = z
  .strictObject({
    email: z.string().refine(isEmail, "not an e-mail address"),
    /** Google's id of the account: given where an address changes its owner, or an owner the address. */
    sub: z.string().min(1).max(255).optional(),
    time_zone: timeZone.default(DEFAULT_TIME_ZONE),
    events: eventList,
    calendars: z.array(calendar).default([]),
  })
  .refine(({ email, calendars }) => areDistinct([email, ...calendars.map(({ id }) => id)]), {
    path: ["calendars"],
    error: "two calendars by one id",
  });

/**
 * Reads the body of `POST /_sandbox/accounts`. Throws a ZodError; filling a calendar throws a GoogleError
 * where Google would refuse an event.
 */
export function readAccount(body: unknown): NewAccount {
  const { email, sub, time_zone, events, calendars } = accountSchema.parse(body);
  return {
    email,
    sub,
    timeZone: time_zone,
    fill: filling(events),
    calendars: calendars.map(({ id, time_zone: own = time_zone, events }) => ({
      id,
      timeZone: own,
      fill: filling(events),
    })),
  };
}

function areDistinct(ids: string[]): boolean {
  return new Set(ids.map((id) => id.toLowerCase())).size === ids.length;
}

type ControlEvent = z.infer<typeof eventList>[number];

function filling(events: ControlEvent[]): NewAccount["fill"] {
  return (calendar) => {
    for (const event of events) addEvent(calendar, event);
  };
}

/** Unlike a client, a test may say who organised an event. */
function addEvent(calendar: EventStore, event: ControlEvent): void {
  const { timeZone } = calendar.owner;
  const own = applyChanges(
    {},
    readEventChanges({ ...event, start: inZone(event.start, timeZone), end: inZone(event.end, timeZone) }),
  );
  const { organizer, creator = organizer } = event;
  calendar.insert(event.id, { ...own, ...(organizer && { organizer }), ...(creator && { creator }) });
}

function timeFromText(text: string): Record<string, string> {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? { date: text } : { dateTime: text };
}

function inZone(time: Record<string, string>, timeZone: string): Record<string, string> {
  return time.dateTime && !time.timeZone ? { ...time, timeZone } : time;
}
