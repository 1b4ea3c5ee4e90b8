import type { AccessTokens } from "@cita/token-store";
import { calendar as createGoogleClient } from "@googleapis/calendar";
import { type BusyQuestion, type BusyTimes, type Calendar, CalendarError, shortSpan } from "./calendar.ts";
import { createGoogleCall } from "./google-call.ts";
import { createGoogleEvents, ofRead } from "./google-events.ts";
import { createReadEach } from "./google-readings.ts";
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
  const call = createGoogleCall({ accessTokens, timeoutMs, policy });
  const readEach = createReadEach(google, call);

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
      const { failures } = await readEach({ customerId, span: shortSpan(now()), calendars }, {});
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
