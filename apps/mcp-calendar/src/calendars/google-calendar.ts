import { createClock, type Interval } from "@cita/scheduling";
import { passedOnHeaders } from "@cita/service";
import type { AccessTokens } from "@cita/token-store";
import { type calendar_v3, calendar as createGoogleClient } from "@googleapis/calendar";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import {
  type BusyQuestion,
  type BusyTimes,
  type Calendar,
  CalendarError,
  type CallOptions,
} from "./calendar.ts";
import { type GoogleEvent, googleEvent } from "./google-event.ts";
import { createGoogleEvents, ofRead } from "./google-events.ts";
import { explainGoogleFailure, googleStatus, isUnanswered } from "./google-failure.ts";
import { asTokenFailure } from "./token-failure.ts";
import { toBusyTimes, tooManyEvents, unreadablePage } from "./unreadable-calendar.ts";
import type { UpstreamPolicy } from "./upstream-policy.ts";

export type GoogleCalendarDeps = {
  accessTokens: AccessTokens;
  /** `GOOGLE_API_URL`, without a trailing slash. */
  apiUrl: string;
  /** How long one request may take. */
  timeoutMs?: number;
  policy: UpstreamPolicy;
  /** Told how each reading of busy times has ended, before whoever asked is. */
  onReading?: ((reading: Reading) => Promise<void>) | undefined;
  now?: () => number;
};

/** How a reading has ended: what failed of it, or nothing. */
export type Reading = {
  readonly question: BusyQuestion;
  /** When it began, in epoch milliseconds. */
  readonly readAt: number;
  /** By the calendar's id. */
  readonly failures: ReadonlyMap<string, unknown>;
};

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
const mostPages = 20;

/** The calendar of a Google account, by Calendar API v3 and the `calendar.events` scope alone. */
export function createGoogleCalendar({
  accessTokens,
  apiUrl,
  timeoutMs = 5_000,
  policy,
  onReading,
  now = Date.now,
}: GoogleCalendarDeps): Calendar {
  /** Of calendars that were read before. */
  const zones = new LRUCache<string, string>({ max: maxZones });
  const google = createGoogleClient({ version: "v3", rootUrl: `${apiUrl}/` });

  const optionsFor = (accessToken: string) => ({
    headers: { authorization: `Bearer ${accessToken}`, ...passedOnHeaders() },
    timeout: timeoutMs,
    retry: false,
    fetchImplementation: fetch,
  });
  type RequestOptions = ReturnType<typeof optionsFor>;

  /** Without a token nothing was sent: whatever went wrong, its outcome is known. */
  async function tokenFor(customerId: string, rejected?: string): Promise<string> {
    try {
      return await accessTokens.get({ customerId, provider: "google" }, rejected);
    } catch (error) {
      throw asTokenFailure(error);
    }
  }

  /** What Google refuses for good is known to the admin too, not only to the agent that met it. */
  async function requireReconnect(customerId: string, token: string, { reason }: CalendarError) {
    try {
      await accessTokens.requireReconnect({ customerId, provider: "google" }, token, reason);
    } catch (error) {
      throw asTokenFailure(error);
    }
  }

  /** Runs a request with the customer's token; a token Google no longer takes is renewed once. */
  async function call<T>(
    customerId: string,
    safety: "repeatable" | "once",
    { reservation, beforeAttempt }: CallOptions,
    send: (options: RequestOptions) => Promise<T>,
    calendarId = "primary",
  ): Promise<T> {
    let unheard = false;
    let token = "";
    let stoppedBy: unknown;
    const attempt = () =>
      send(optionsFor(token)).catch((error: unknown) => {
        unheard ||= isUnanswered(error);
        throw error;
      });
    const stopOrGoOn = async () => {
      await beforeAttempt?.().catch((error: unknown) => {
        stoppedBy = error;
        throw error;
      });
    };
    const sendWithToken = async (rejected?: string) => {
      token = await tokenFor(customerId, rejected);
      return policy.run(customerId, safety, attempt, { reservation, beforeAttempt: stopOrGoOn });
    };
    try {
      return await sendWithToken().catch((error: unknown) => {
        if (error === stoppedBy || googleStatus(error) !== 401) throw error;
        return sendWithToken(token);
      });
    } catch (error) {
      if (error === stoppedBy) throw error;
      // One try that got no answer may have been done, whatever the last one was answered.
      const failure = asCalendarError(error, unheard, calendarId);
      const wasSent = !(error instanceof CalendarError);
      if (wasSent && failure.code === "reconnect_required")
        await requireReconnect(customerId, token, failure);
      throw failure;
    }
  }

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
    const list = (options: RequestOptions) => google.events.list(params, options);
    const { data } = await call(customerId, "repeatable", callOptions, list, calendarId);
    const page = eventPage.safeParse(data);
    if (!page.success) throw unreadablePage(data, page.error, calendarId);
    return page.data;
  }

  async function readCalendar(
    asked: Omit<CalendarQuestion, "from">,
    callOptions: CallOptions,
  ): Promise<CalendarReading> {
    if (!isAddressable(asked.calendarId)) throw absentCalendar(asked.calendarId);
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
      if (pages >= mostPages) throw tooManyEvents(calendar.calendarId);
      page = await readPage(calendar, callOptions, page.nextPageToken);
      events.push(...page.items);
    }
    const busy = toBusyTimes(events, page.timeZone, calendar.calendarId);
    return { timeZone: page.timeZone, busy: busy.filter(({ end }) => calendar.span.start < end) };
  }

  async function readEach({ customerId, span, calendars }: BusyQuestion, callOptions: CallOptions) {
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
  }

  return {
    reserve: async (customerId, requests) => policy.reserve(customerId, requests),

    async readBusy({ customerId, span, calendars }, callOptions = {}): Promise<BusyTimes> {
      if (!calendars.includes("primary"))
        throw new TypeError("The primary calendar must be among those that are read.");
      const readAt = now();
      const { readings, failures } = await readEach({ customerId, span, calendars }, ofRead(callOptions));
      await onReading?.({ question: { customerId, span, calendars }, readAt, failures });
      // The primary calendar's failure is about the whole account, another's may only follow from it.
      const primary = readings.get("primary");
      if (failures.size > 0 || primary === undefined)
        throw failures.get("primary") ?? [...failures.values()][0];
      return {
        timeZone: primary.timeZone,
        readAt,
        busy: calendars.flatMap((calendarId) => readings.get(calendarId)?.busy ?? []),
      };
    },

    async findTroubles(customerId, calendars) {
      const start = now();
      const span = { start, end: start + 60_000 };
      const { failures } = await readEach({ customerId, span, calendars }, {});
      return new Map(
        [...failures].map(([id, error]) => {
          if (!(error instanceof CalendarError)) throw error;
          return [id, error];
        }),
      );
    },

    ...createGoogleEvents(google, call),
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

/** Of others no path can be made, or only that of something else: nothing is sent for them. */
function isAddressable(calendarId: string): boolean {
  return calendarId.isWellFormed() && calendarId !== "." && calendarId !== "..";
}

function absentCalendar(calendarId: string): CalendarError {
  const trouble = { name: "not_found", calendar: calendarId, reason: "notFound", lasts: true } as const;
  return new CalendarError("calendar_unavailable", "notFound", { trouble });
}

type CalendarReading = Pick<BusyTimes, "timeZone" | "busy">;

function asCalendarError(error: unknown, outcomeUnknown: boolean, calendarId: string): CalendarError {
  if (error instanceof CalendarError) {
    const { cause, trouble } = error;
    return new CalendarError(error.code, error.reason, { cause, trouble, outcomeUnknown });
  }
  const { code, reason, trouble } = explainGoogleFailure(error, calendarId);
  return new CalendarError(code, reason, { cause: error, trouble, outcomeUnknown });
}
