import { createClock, type Interval } from "@cita/scheduling";
import type { calendar_v3 } from "@googleapis/calendar";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { BusyQuestion, BusyTimes, CallOptions } from "./calendar.ts";
import type { GoogleCall, GoogleRequestOptions } from "./google-call.ts";
import { type GoogleEvent, googleEvent } from "./google-event.ts";
import { toBusyTimes, tooManyEvents, unreadablePage } from "./unreadable-calendar.ts";

/** What blocks time in each of a customer's calendars, or why it can't be read; both by the calendar's id. */
export type CalendarReadings = {
  readonly readings: ReadonlyMap<string, CalendarReading>;
  readonly failures: ReadonlyMap<string, unknown>;
};

type CalendarReading = Pick<BusyTimes, "timeZone" | "busy">;

/** Reads every calendar of a question, whichever of them fails. */
export type ReadEach = (question: BusyQuestion, callOptions: CallOptions) => Promise<CalendarReadings>;

/**
 * Titles, descriptions and people of the business's other events are never fetched: of those who organise and
 * attend only whether it is this calendar.
 */
const busyFields =
  "kind,timeZone,nextPageToken,items(id,status,transparency,eventType,start,end," +
  "organizer(self),attendees(self,responseStatus))";

const eventPage = z.object({
  // Nothing but a list of events may be taken for an empty one.
  kind: z.literal("calendar#events"),
  timeZone: z.string().min(1),
  nextPageToken: z.string().optional(),
  items: z.array(googleEvent).default([]),
});
type EventPage = z.infer<typeof eventPage>;

/** A provider that keeps handing out pages is broken; 20 full pages are 50,000 events. */
const maxPages = 20;

export function createReadEach(google: calendar_v3.Calendar, call: GoogleCall): ReadEach {
  /** Of calendars that were read before. */
  const zones = new LRUCache<string, string>({ max: maxZones });

  async function readPage(
    calendar: CalendarQuestion,
    callOptions: CallOptions,
    pageToken?: string,
  ): Promise<EventPage> {
    const params: calendar_v3.Params$Resource$Events$List = {
      calendarId: calendar.calendarId,
      singleEvents: true,
      timeMin: new Date(calendar.from).toISOString(),
      timeMax: new Date(calendar.span.end).toISOString(),
      maxResults: 2500,
      maxAttendees: 1,
      fields: busyFields,
      pageToken,
    };
    const { customerId, calendarId } = calendar;
    const list = (options: GoogleRequestOptions) => google.events.list(params, options);
    const { data } = await call(customerId, "repeatable", callOptions, list, calendarId);
    const page = eventPage.safeParse(data);
    if (!page.success) throw unreadablePage(data, page.error, calendarId);
    return page.data;
  }

  async function readCalendar(
    asked: Omit<CalendarQuestion, "from">,
    callOptions: CallOptions,
  ): Promise<CalendarReading> {
    const name = JSON.stringify([asked.customerId, asked.calendarId]);
    const assumed = zones.get(name);
    const reading = await readFrom({ ...asked, from: firstInstantFor(asked.span, assumed) }, callOptions);
    zones.set(name, reading.timeZone);
    if (assumed === undefined || assumed === reading.timeZone) return reading;
    return readFrom({ ...asked, from: firstInstantFor(asked.span, undefined) }, callOptions);
  }

  async function readFrom(calendar: CalendarQuestion, callOptions: CallOptions): Promise<CalendarReading> {
    const events: GoogleEvent[] = [];
    let page = await readPage(calendar, callOptions);
    events.push(...page.items);
    for (let pages = 1; page.nextPageToken !== undefined; pages++) {
      if (pages >= maxPages) throw tooManyEvents(calendar.calendarId);
      page = await readPage(calendar, callOptions, page.nextPageToken);
      events.push(...page.items);
    }
    const busy = toBusyTimes(events, page.timeZone, calendar.calendarId);
    return { timeZone: page.timeZone, busy: busy.filter(({ end }) => calendar.span.start < end) };
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
  /** From when on Google is asked, at or before the span. */
  readonly from: number;
};

const hour = 3_600_000;
const day = 24 * hour;

/** A bound on memory, some 100 bytes each. */
const maxZones = 10_000;

/**
 * For Google an all-day event whose end date is its start date is over when that day begins, so that a reading
 * from within the day wouldn't show it: it is asked for from before the day began.
 * @param timeZone the calendar's; where it isn't known a day is as long as one on which clocks go back.
 */
function firstInstantFor({ start }: Interval, timeZone: string | undefined): number {
  if (timeZone === undefined) return start - day - hour;
  const clock = createClock(timeZone);
  return clock.opening(Math.floor(clock.toLocal(start) / day) * day) - hour;
}
