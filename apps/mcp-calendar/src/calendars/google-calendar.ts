import type { Interval } from "@cita/scheduling";
import { passedOnHeaders } from "@cita/service";
import type { AccessTokens } from "@cita/token-store";
import { type calendar_v3, calendar as createGoogleClient } from "@googleapis/calendar";
import { z } from "zod";
import {
  type BusyQuestion,
  type BusyTimes,
  type Calendar,
  CalendarError,
  type NewEvent,
  type OwnEvent,
} from "./calendar.ts";
import { type GoogleEvent, googleEvent } from "./google-event.ts";
import { explainGoogleFailure, googleStatus, isUnanswered } from "./google-failure.ts";
import { asTokenFailure } from "./token-failure.ts";
import { toBusyTimes, tooManyEvents, unreadableAnswer, unreadablePage } from "./unreadable-calendar.ts";
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

/** Titles, descriptions and people of the business's other events are never fetched. */
const busyFields =
  "kind,timeZone,nextPageToken,items(id,status,transparency,eventType,start,end,attendees(self,responseStatus))";

const eventPage = z.object({
  // Nothing but a list of events may be taken for an empty one.
  kind: z.literal("calendar#events"),
  timeZone: z.string().min(1),
  nextPageToken: z.string().optional(),
  items: z.array(googleEvent).default([]),
});
type EventPage = z.infer<typeof eventPage>;

const ownEvent = googleEvent.extend({
  etag: z.string().min(1),
  hangoutLink: z.string().nullish(),
  recurrence: z.array(z.string()).nullish(),
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).nullish() }).nullish(),
});
const ownEventFields = "id,etag,status,start,end,hangoutLink,recurrence,extendedProperties/private";

/** On every event of ours, and on no other: what doesn't carry it is not touched. */
const ownProperty = "cita_booking_id";

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
    send: (options: RequestOptions) => Promise<T>,
    calendarId = "primary",
  ): Promise<T> {
    let unheard = false;
    let token = "";
    const attempt = () =>
      send(optionsFor(token)).catch((error: unknown) => {
        unheard ||= isUnanswered(error);
        throw error;
      });
    const sendWithToken = async (rejected?: string) => {
      token = await tokenFor(customerId, rejected);
      return policy.run(customerId, safety, attempt);
    };
    try {
      return await sendWithToken().catch((error: unknown) => {
        if (googleStatus(error) !== 401) throw error;
        return sendWithToken(token);
      });
    } catch (error) {
      // One try that got no answer may have been done, whatever the last one was answered.
      const failure = asCalendarError(error, unheard, calendarId);
      const wasSent = !(error instanceof CalendarError);
      if (wasSent && failure.code === "reconnect_required")
        await requireReconnect(customerId, token, failure);
      throw failure;
    }
  }

  async function readPage(calendar: CalendarQuestion, pageToken?: string): Promise<EventPage> {
    const params: calendar_v3.Params$Resource$Events$List = {
      calendarId: calendar.calendarId,
      singleEvents: true,
      timeMin: new Date(calendar.span.start).toISOString(),
      timeMax: new Date(calendar.span.end).toISOString(),
      maxResults: 2500,
      maxAttendees: 1,
      fields: busyFields,
      pageToken,
    };
    const { customerId, calendarId } = calendar;
    const list = (options: RequestOptions) => google.events.list(params, options);
    const { data } = await call(customerId, "repeatable", list, calendarId);
    const page = eventPage.safeParse(data);
    if (!page.success) throw unreadablePage(data, page.error, calendarId);
    return page.data;
  }

  async function readCalendar(calendar: CalendarQuestion): Promise<CalendarReading> {
    const events: GoogleEvent[] = [];
    let page = await readPage(calendar);
    events.push(...page.items);
    for (let pages = 1; page.nextPageToken !== undefined; pages++) {
      if (pages >= mostPages) throw tooManyEvents(calendar.calendarId);
      page = await readPage(calendar, page.nextPageToken);
      events.push(...page.items);
    }
    return { timeZone: page.timeZone, busy: toBusyTimes(events, page.timeZone, calendar.calendarId) };
  }

  async function readEach({ customerId, span, calendars }: BusyQuestion) {
    const readings = new Map<string, CalendarReading>();
    const failures = new Map<string, unknown>();
    await Promise.all(
      calendars.map((calendarId) =>
        readCalendar({ customerId, calendarId, span }).then(
          (reading) => readings.set(calendarId, reading),
          (error: unknown) => failures.set(calendarId, error),
        ),
      ),
    );
    return { readings, failures };
  }

  async function findEvent(customerId: string, eventId: string, timeZone: string): Promise<OwnEvent> {
    const params = { calendarId: "primary", eventId, fields: ownEventFields };
    const data = await call(customerId, "repeatable", async (options) => {
      try {
        return (await google.events.get(params, options)).data;
      } catch (error) {
        const status = googleStatus(error);
        if (status === 410) return { kind: "gone" as const };
        if (status === 404) return { kind: "unknown" as const };
        throw error;
      }
    });
    return data.kind === "gone" || data.kind === "unknown" ? { kind: data.kind } : toOwnEvent(data, timeZone);
  }

  return {
    async readBusy({ customerId, span, calendars }): Promise<BusyTimes> {
      if (!calendars.includes("primary"))
        throw new TypeError("The primary calendar must be among those that are read.");
      const readAt = now();
      const { readings, failures } = await readEach({ customerId, span, calendars });
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
      const { failures } = await readEach({ customerId, span, calendars });
      return new Map(
        [...failures].map(([id, error]) => {
          if (!(error instanceof CalendarError)) throw error;
          return [id, error];
        }),
      );
    },

    async insertEvent(customerId, event) {
      const params = {
        calendarId: "primary",
        requestBody: toGoogleEvent(event),
        fields: "id,hangoutLink",
        ...(event.invite && { sendUpdates: "all" }),
        ...(event.withMeetLink && { conferenceDataVersion: 1 }),
      };
      const meetLink = await call(customerId, "repeatable", async (options) => {
        try {
          const { data } = await google.events.insert(params, options);
          expectNamed(data, event.id);
          return data.hangoutLink ?? null;
        } catch (error) {
          // The id is ours alone: an event that is already there is this one, from an earlier try.
          if (googleStatus(error) !== 409) throw error;
          return undefined;
        }
      });
      if (meetLink !== undefined || !event.withMeetLink) return { meetLink: meetLink ?? null };
      const earlier = await findEvent(customerId, event.id, event.timeZone);
      return { meetLink: earlier.kind === "standing" ? earlier.meetLink : null };
    },

    findEvent,

    async moveEvent(customerId, { id, version, timeZone, ...to }) {
      const params = {
        calendarId: "primary",
        eventId: id,
        requestBody: toEdges(to, timeZone),
        fields: "id",
        sendUpdates: "all",
      };
      return call(customerId, "once", async (options) => {
        try {
          const headers = { ...options.headers, "if-match": version };
          const { data } = await google.events.patch(params, { ...options, headers });
          expectNamed(data, id);
          return true;
        } catch (error) {
          if (![404, 410, 412].includes(googleStatus(error) ?? 0)) throw error;
          return false;
        }
      });
    },

    async removeEvent(customerId, eventId) {
      const params = { calendarId: "primary", eventId, sendUpdates: "all" };
      return call(customerId, "repeatable", async (options) => {
        try {
          const { data }: { data: unknown } = await google.events.delete(params, options);
          // Google says nothing to it; whatever says something isn't Google.
          if (data) throw unreadableAnswer();
          return true;
        } catch (error) {
          const status = googleStatus(error);
          if (status !== 404 && status !== 410) throw error;
          return false;
        }
      });
    },
  };
}

const namedEvent = z.object({ id: z.string() });

/** Only an answer that names the event says that anything was done to it. */
function expectNamed(data: unknown, eventId: string): void {
  if (namedEvent.safeParse(data).data?.id !== eventId) throw unreadableAnswer();
}

type CalendarQuestion = { readonly customerId: string; readonly calendarId: string; readonly span: Interval };

type CalendarReading = Pick<BusyTimes, "timeZone" | "busy">;

function toOwnEvent(data: unknown, timeZone: string): OwnEvent {
  const event = ownEvent.safeParse(data);
  if (!event.success) throw unreadableAnswer(event.error);
  const { status, etag, hangoutLink, recurrence, extendedProperties } = event.data;
  if (status === "cancelled") return { kind: "gone" };
  if (extendedProperties?.private?.[ownProperty] === undefined) return { kind: "unknown" };
  // Marked as free or declined by hand, the appointment still stands.
  const [time] = toBusyTimes([{ ...event.data, transparency: null, attendees: null }], timeZone, "primary");
  if (time === undefined) return { kind: "unknown" };
  return {
    kind: "standing",
    start: time.start,
    end: time.end,
    version: etag,
    meetLink: hangoutLink ?? null,
    recurring: (recurrence?.length ?? 0) > 0,
  };
}

function toGoogleEvent(event: NewEvent): calendar_v3.Schema$Event {
  return {
    id: event.id,
    summary: event.title,
    description: event.description,
    ...toEdges(event, event.timeZone),
    extendedProperties: { private: { [ownProperty]: event.bookingId } },
    ...(event.invite && { attendees: [{ email: event.invite.email, displayName: event.invite.name }] }),
    ...(event.withMeetLink && {
      conferenceData: {
        createRequest: { requestId: event.bookingId, conferenceSolutionKey: { type: "hangoutsMeet" } },
      },
    }),
  };
}

function toEdges({ start, end }: Interval, timeZone: string) {
  return {
    start: { dateTime: new Date(start).toISOString(), timeZone },
    end: { dateTime: new Date(end).toISOString(), timeZone },
  };
}

function asCalendarError(error: unknown, outcomeUnknown: boolean, calendarId: string): CalendarError {
  if (error instanceof CalendarError) {
    const { cause, trouble } = error;
    return new CalendarError(error.code, error.reason, { cause, trouble, outcomeUnknown });
  }
  const { code, reason, trouble } = explainGoogleFailure(error, calendarId);
  return new CalendarError(code, reason, { cause: error, trouble, outcomeUnknown });
}
