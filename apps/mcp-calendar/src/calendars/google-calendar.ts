import { createClock, type Interval } from "@cita/scheduling";
import { passedOnHeaders } from "@cita/service";
import { AccessTokenError, type AccessTokens } from "@cita/token-store";
import { type calendar_v3, calendar as createGoogleClient } from "@googleapis/calendar";
import { z } from "zod";
import {
  type BusyTime,
  type BusyTimes,
  type Calendar,
  CalendarError,
  type NewEvent,
  type OwnEvent,
} from "./calendar.ts";
import { busyTimeOf, type GoogleEvent, googleEvent } from "./google-event.ts";
import { explainGoogleFailure, googleStatus, isUnanswered } from "./google-failure.ts";
import type { UpstreamPolicy } from "./upstream-policy.ts";

export type GoogleCalendarDeps = {
  accessTokens: AccessTokens;
  /** `GOOGLE_API_URL`, without a trailing slash. */
  apiUrl: string;
  /** How long one request may take. */
  timeoutMs?: number;
  policy: UpstreamPolicy;
  now?: () => number;
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

const ownEvent = googleEvent.extend({
  etag: z.string().min(1),
  hangoutLink: z.string().nullish(),
  recurrence: z.array(z.string()).nullish(),
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).nullish() }).nullish(),
});
const ownEventFields = "id,etag,status,start,end,hangoutLink,recurrence,extendedProperties/private";

/** On every event of ours, and on no other: what doesn't carry it is not touched. */
const ownProperty = "cita_booking_id";

/**
 * For Google an all-day event whose end date is its start date is over when that day begins, so that a reading
 * from within the day wouldn't show it. It is asked for from a day earlier, one on which clocks go back.
 */
const longestDay = 25 * 3_600_000;

/** A provider that keeps handing out pages is broken; 20 full pages are 50,000 events. */
const mostPages = 20;

/** The calendar of a Google account, by Calendar API v3 and the `calendar.events` scope alone. */
export function createGoogleCalendar({
  accessTokens,
  apiUrl,
  timeoutMs = 5_000,
  policy,
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
      const failure = asCalendarError(error, unheard);
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
      timeMin: new Date(calendar.span.start - longestDay).toISOString(),
      timeMax: new Date(calendar.span.end).toISOString(),
      maxResults: 2500,
      maxAttendees: 1,
      fields: busyFields,
      pageToken,
    };
    const { data } = await call(calendar.customerId, "repeatable", (options) =>
      google.events.list(params, options),
    );
    const page = eventPage.safeParse(data);
    if (!page.success) throw unreadable(page.error);
    return page.data;
  }

  async function readCalendar(calendar: CalendarQuestion) {
    const events: GoogleEvent[] = [];
    let page = await readPage(calendar);
    events.push(...page.items);
    for (let pages = 1; page.nextPageToken !== undefined; pages++) {
      if (pages >= mostPages) throw new CalendarError("calendar_unavailable", "too many pages");
      page = await readPage(calendar, page.nextPageToken);
      events.push(...page.items);
    }
    const busy = toBusyTimes(events, page.timeZone).filter(({ end }) => calendar.span.start < end);
    return { timeZone: page.timeZone, busy };
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
      const readAt = now();
      const readings = await Promise.all(
        calendars.map((calendarId) => readCalendar({ customerId, calendarId, span })),
      );
      const primary = readings[calendars.indexOf("primary")];
      if (primary === undefined)
        throw new TypeError("The primary calendar must be among those that are read.");
      return { timeZone: primary.timeZone, readAt, busy: readings.flatMap(({ busy }) => busy) };
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
          if (data) throw unreadable();
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
  if (namedEvent.safeParse(data).data?.id !== eventId) throw unreadable();
}

function unreadable(cause?: unknown): CalendarError {
  return new CalendarError("calendar_unavailable", "unreadable answer", { cause });
}

type CalendarQuestion = { readonly customerId: string; readonly calendarId: string; readonly span: Interval };

/** One event we can't understand makes the whole reading worthless: it might block anything. */
function toBusyTimes(events: readonly GoogleEvent[], timeZone: string): BusyTime[] {
  try {
    createClock(timeZone);
    return events.flatMap((event) => busyTimeOf(event, timeZone) ?? []);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function toOwnEvent(data: unknown, timeZone: string): OwnEvent {
  const event = ownEvent.safeParse(data);
  if (!event.success) throw unreadable(event.error);
  const { status, etag, hangoutLink, recurrence, extendedProperties } = event.data;
  if (status === "cancelled") return { kind: "gone" };
  if (extendedProperties?.private?.[ownProperty] === undefined) return { kind: "unknown" };
  // Marked as free or declined by hand, the appointment still stands.
  const [time] = toBusyTimes([{ ...event.data, transparency: null, attendees: null }], timeZone);
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

const tokenFailures = {
  not_connected: "not_connected",
  reconnect_required: "reconnect_required",
  refresh_rate_limited: "rate_limited",
  refresh_failed: "calendar_unavailable",
  refresh_misconfigured: "calendar_unavailable",
} as const;

/** What isn't about renewing is about what is stored: a key that is missing, a damaged row, a database that fails. */
function asTokenFailure(error: unknown): CalendarError {
  if (error instanceof AccessTokenError) {
    return new CalendarError(tokenFailures[error.code], error.code, { cause: error });
  }
  return new CalendarError("calendar_unavailable", "the stored access can't be used", { cause: error });
}

function asCalendarError(error: unknown, outcomeUnknown: boolean): CalendarError {
  if (error instanceof CalendarError) {
    return new CalendarError(error.code, error.reason, { cause: error.cause, outcomeUnknown });
  }
  const { code, reason } = explainGoogleFailure(error);
  return new CalendarError(code, reason, { cause: error, outcomeUnknown });
}
