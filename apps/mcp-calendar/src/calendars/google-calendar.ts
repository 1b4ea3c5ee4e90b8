import { createClock, type Interval } from "@cita/scheduling";
import { AccessTokenError, type AccessTokens } from "@cita/token-store";
import { type calendar_v3, calendar as createGoogleClient } from "@googleapis/calendar";
import { z } from "zod";
import { type BusyTimes, type Calendar, CalendarError, type NewEvent } from "./calendar.ts";
import { busyTimeOf, type GoogleEvent, googleEvent } from "./google-event.ts";
import { explainGoogleFailure, googleStatus } from "./google-failure.ts";

export type GoogleCalendarDeps = {
  accessTokens: AccessTokens;
  /** `GOOGLE_API_URL`, without a trailing slash. */
  apiUrl: string;
  /** How long one request may take. */
  timeoutMs?: number;
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

const ownEventFields = "id,status,start,end";

/** A provider that keeps handing out pages is broken; 20 full pages are 50,000 events. */
const mostPages = 20;

/** The calendar of a Google account, by Calendar API v3 and the `calendar.events` scope alone. */
export function createGoogleCalendar({
  accessTokens,
  apiUrl,
  timeoutMs = 5_000,
}: GoogleCalendarDeps): Calendar {
  const google = createGoogleClient({ version: "v3", rootUrl: `${apiUrl}/` });

  const optionsFor = (accessToken: string) => ({
    headers: { authorization: `Bearer ${accessToken}` },
    timeout: timeoutMs,
    retry: false,
    fetchImplementation: fetch,
  });
  type RequestOptions = ReturnType<typeof optionsFor>;

  /** Runs a request with the customer's token; a token Google no longer takes is renewed once. */
  async function call<T>(customerId: string, send: (options: RequestOptions) => Promise<T>): Promise<T> {
    const key = { customerId, provider: "google" };
    try {
      const token = await accessTokens.get(key);
      return await send(optionsFor(token)).catch(async (error: unknown) => {
        if (googleStatus(error) !== 401) throw error;
        return send(optionsFor(await accessTokens.get(key, token)));
      });
    } catch (error) {
      throw asCalendarError(error);
    }
  }

  async function readPage(customerId: string, span: Span, pageToken?: string): Promise<EventPage> {
    const params: calendar_v3.Params$Resource$Events$List = {
      calendarId: "primary",
      singleEvents: true,
      timeMin: new Date(span.start).toISOString(),
      timeMax: new Date(span.end).toISOString(),
      maxResults: 2500,
      maxAttendees: 1,
      fields: busyFields,
      pageToken,
    };
    const { data } = await call(customerId, (options) => google.events.list(params, options));
    const page = eventPage.safeParse(data);
    if (!page.success)
      throw new CalendarError("calendar_unavailable", "unreadable answer", { cause: page.error });
    return page.data;
  }

  return {
    async readBusy(customerId, span) {
      const events: GoogleEvent[] = [];
      let page = await readPage(customerId, span);
      events.push(...page.items);
      for (let pages = 1; page.nextPageToken !== undefined; pages++) {
        if (pages >= mostPages) throw new CalendarError("calendar_unavailable", "too many pages");
        page = await readPage(customerId, span, page.nextPageToken);
        events.push(...page.items);
      }
      return toBusyTimes(events, page.timeZone);
    },

    async insertEvent(customerId, event) {
      const params = { calendarId: "primary", requestBody: toGoogleEvent(event) };
      const insert = () =>
        call(customerId, async (options) => {
          try {
            await google.events.insert(params, options);
          } catch (error) {
            // The id is ours alone: an event that is already there is this one, from an earlier try.
            if (googleStatus(error) !== 409) throw error;
          }
        });
      await insert().catch((error: unknown) => {
        if (error instanceof CalendarError && error.outcomeUnknown) return insert();
        throw error;
      });
    },

    async findEvent(customerId, eventId) {
      const params = { calendarId: "primary", eventId, fields: ownEventFields };
      const data = await call(customerId, async (options) => {
        try {
          return (await google.events.get(params, options)).data;
        } catch (error) {
          if (googleStatus(error) === 404) return undefined;
          throw error;
        }
      });
      return data && toOwnEvent(data);
    },

    async removeEvent(customerId, eventId) {
      return call(customerId, async (options) => {
        try {
          await google.events.delete({ calendarId: "primary", eventId }, options);
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

/** One event we can't understand makes the whole reading worthless: it might block anything. */
function toBusyTimes(events: readonly GoogleEvent[], timeZone: string): BusyTimes {
  try {
    createClock(timeZone);
    return { timeZone, busy: events.flatMap((event) => busyTimeOf(event, timeZone) ?? []) };
  } catch (cause) {
    throw new CalendarError("calendar_unavailable", "unreadable answer", { cause });
  }
}

/** Ours carry times with an offset, so no zone is needed to read them. One that was marked as free by hand counts as gone. */
function toOwnEvent(data: unknown): Interval | undefined {
  const event = googleEvent.safeParse(data);
  if (!event.success)
    throw new CalendarError("calendar_unavailable", "unreadable answer", { cause: event.error });
  return toBusyTimes([event.data], "UTC").busy[0];
}

type Span = { readonly start: number; readonly end: number };

function toGoogleEvent(event: NewEvent): calendar_v3.Schema$Event {
  return {
    id: event.id,
    summary: event.title,
    description: event.description,
    start: { dateTime: new Date(event.start).toISOString(), timeZone: event.timeZone },
    end: { dateTime: new Date(event.end).toISOString(), timeZone: event.timeZone },
    extendedProperties: { private: { cita_booking_id: event.bookingId } },
  };
}

const tokenFailures = {
  not_connected: "not_connected",
  reconnect_required: "reconnect_required",
  refresh_rate_limited: "rate_limited",
  refresh_failed: "calendar_unavailable",
  refresh_misconfigured: "calendar_unavailable",
} as const;

function asCalendarError(error: unknown): CalendarError {
  if (error instanceof CalendarError) return error;
  if (error instanceof AccessTokenError) {
    return new CalendarError(tokenFailures[error.code], error.code, { cause: error });
  }
  const { code, reason } = explainGoogleFailure(error);
  const status = googleStatus(error);
  return new CalendarError(code, reason, {
    cause: error,
    outcomeUnknown: status === undefined || status >= 500,
  });
}
