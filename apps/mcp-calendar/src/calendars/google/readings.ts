import { createClock, dayMs, hourMs, type Interval } from "@cita/scheduling";
import type { calendar_v3 } from "@googleapis/calendar";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { CalendarReading, ReadCalendars } from "../assemble-calendar.ts";
import { CalendarError, type CallOptions } from "../calendar.ts";
import { type GoogleEvent, googleEvent, toBusyTimes } from "./event-resource.ts";
import { unreadableCalendar, unreadablePage } from "./failures.ts";
import type { GoogleCall } from "./google-api.ts";

/**
 * Titles, descriptions and guests of the business's own events are never fetched. `self` says whether the organizer or an
 * attendee is this calendar.
 */
const busyFields =
  "kind,timeZone,nextPageToken,items(id,status,transparency,eventType,start,end," +
  "organizer(self),attendees(self,responseStatus))";

const eventPage = z.object({
  // Another JSON object must not count as an empty list of events.
  kind: z.literal("calendar#events"),
  timeZone: z.string().min(1),
  nextPageToken: z.string().optional(),
  items: z.array(googleEvent).default([]),
});
type EventPage = z.infer<typeof eventPage>;

/** 20 full pages are 50,000 events. */
const maxPages = 20;

/** Bounds the memory: some 100 bytes each. */
const maxTimeZones = 10_000;

export function createReadCalendars(call: GoogleCall): ReadCalendars {
  /** Of calendars that were read before, so that all-day events are asked for from the right midnight. */
  const timeZones = new LRUCache<string, string>({ max: maxTimeZones });

  async function readCalendar(
    asked: Omit<CalendarQuestion, "from">,
    callOptions: CallOptions,
  ): Promise<CalendarReading> {
    if (!isAddressable(asked.calendarId)) throw absentCalendar(asked.calendarId);
    const key = JSON.stringify([asked.customerId, asked.calendarId]);
    const assumed = timeZones.get(key);
    const read = (timeZone: string | undefined) =>
      readEvents(call, { ...asked, from: firstInstant(asked.span, timeZone) }, callOptions);
    const reading = await read(assumed);
    timeZones.set(key, reading.timeZone);
    return assumed === undefined || assumed === reading.timeZone ? reading : read(undefined);
  }

  return async ({ customerId, span, calendars }, callOptions) => {
    const readings = new Map<string, CalendarReading>();
    const failures = new Map<string, unknown>();
    await Promise.all(
      calendars.map((calendarId) =>
        readCalendar({ customerId, calendarId, span }, callOptions).then(
          (reading) => readings.set(calendarId, reading),
          (error: unknown) => failures.set(calendarId, error),
        ),
      ),
    );
    return { readings, failures };
  };
}

type CalendarQuestion = {
  readonly customerId: string;
  readonly calendarId: string;
  readonly span: Interval;
  /** `timeMin` of the request, at or before the start of the span. */
  readonly from: number;
};

async function readEvents(
  call: GoogleCall,
  calendar: CalendarQuestion,
  callOptions: CallOptions,
): Promise<CalendarReading> {
  const { calendarId, span } = calendar;
  const events: GoogleEvent[] = [];
  let page = await readPage(call, calendar, callOptions);
  events.push(...page.items);
  for (let pages = 1; page.nextPageToken !== undefined; pages++) {
    // Only a program writes so many events.
    if (pages >= maxPages) throw unreadableCalendar(calendarId, "too many events");
    page = await readPage(call, calendar, callOptions, page.nextPageToken);
    events.push(...page.items);
  }
  const busy = toBusyTimes(events, page.timeZone, calendarId);
  return { timeZone: page.timeZone, busy: busy.filter(({ end }) => span.start < end) };
}

async function readPage(
  call: GoogleCall,
  { customerId, calendarId, from, span }: CalendarQuestion,
  callOptions: CallOptions,
  pageToken?: string,
): Promise<EventPage> {
  const params: calendar_v3.Params$Resource$Events$List = {
    calendarId,
    singleEvents: true,
    timeMin: new Date(from).toISOString(),
    timeMax: new Date(span.end).toISOString(),
    maxResults: 2500,
    maxAttendees: 1,
    fields: busyFields,
    ...(pageToken !== undefined && { pageToken }),
  };
  const { data } = await call({
    ...{ customerId, safety: "repeatable", calendarId, callOptions },
    send: (google, options) => google.events.list(params, options),
  });
  const page = eventPage.safeParse(data);
  if (!page.success) throw unreadablePage(data, page.error, calendarId);
  return page.data;
}

/**
 * An instant before the day of the span's start. Google leaves out an all-day event whose end date is its start date when
 * `timeMin` is within that day.
 * @param timeZone the calendar's; undefined: assumed a day of 25 hours, as when clocks go back.
 */
function firstInstant({ start }: Interval, timeZone: string | undefined): number {
  if (timeZone === undefined) return start - dayMs - hourMs;
  const clock = createClock(timeZone);
  return clock.opening(Math.floor(clock.toLocal(start) / dayMs) * dayMs) - hourMs;
}

/** Whether an id can be a segment of a request's path. */
function isAddressable(calendarId: string): boolean {
  return calendarId.isWellFormed() && calendarId !== "." && calendarId !== "..";
}

function absentCalendar(calendarId: string): CalendarError {
  const problem = { name: "not_found", calendar: calendarId, reason: "notFound", lasts: true } as const;
  return new CalendarError("calendar_unavailable", "notFound", { problem });
}
