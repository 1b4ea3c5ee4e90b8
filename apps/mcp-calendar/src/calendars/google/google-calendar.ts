/**
 * Google's implementation of the calendar contract, over Calendar API v3 with the scope `calendar.events` alone: requests
 * with a customer's token (`google-api.ts`), readings (`readings.ts`), our own events (`own-events.ts`), both by Google's
 * event resource (`event-resource.ts`), and what failures mean (`failures.ts`). `../upstream` decides when a request is sent or repeated;
 * consent and Google's token endpoint are in packages/consent and packages/providers.
 */

import {
  type Calendar,
  type CalendarCall,
  CalendarError,
  type CallOptions,
  type Reading,
  shortSpan,
} from "../calendar.ts";
import { createUpstreamPolicy, type UpstreamPolicyOptions } from "../upstream/upstream-policy.ts";
import { assessFailure } from "./failures.ts";
import { createGoogleApi, type GoogleApiDeps } from "./google-api.ts";
import {
  findEvent,
  insertEvent,
  moveEvent,
  type OwnEventCall,
  removeEvent,
  retireEvent,
  touchEvent,
} from "./own-events.ts";
import { createReadCalendars, type ReadCalendars } from "./readings.ts";

type Use = Pick<GoogleCalendarDeps, "accessTokens" | "onReading" | "observe">;

export type GoogleCalendarOptions = {
  apiUrl: string;
  /** Requests a minute, as Google grants them. */
  quota: { user: number; project: number };
  agents: Use;
  checks: Use;
  timeoutMs?: number | undefined;
  upstream?: Partial<UpstreamPolicyOptions> | undefined;
  now: () => number;
};

export type OpenGoogleCalendar = {
  readonly calendar: GoogleCalendar;
  /** The same with a budget and breakers of its own, for checks that no agent has asked for. */
  readonly calendarForChecks: Calendar;
};

/** The share of the quota that we use. Google's minutes begin at other moments than ours, so it is less than 1. */
const ownShare = 0.9;

/** The part of our share that checks may use. */
const checksShare = 0.1;

/** How many requests a minute checks may send. @param quota Google's quota a minute for the project. */
export function checksPerMinute(quota: number): number {
  return ownShare * checksShare * quota;
}

/** Google Calendar by the stored connections: for agents, and for checks with a budget of their own. */
export function openGoogleCalendar(options: GoogleCalendarOptions): OpenGoogleCalendar {
  const { quota, upstream, now } = options;

  /** Opens a calendar with a budget and breakers of its own. */
  function open(perProject: number, use: Use): GoogleCalendar {
    const limits = { perCustomer: ownShare * quota.user, ...upstream, perProject };
    const policy = createUpstreamPolicy(limits, assessFailure);
    const { apiUrl, timeoutMs } = options;
    return createGoogleCalendar({ apiUrl, timeoutMs, policy, ...use, now });
  }

  return {
    calendar: open(upstream?.perProject ?? ownShare * quota.project, options.agents),
    calendarForChecks: open(checksPerMinute(quota.project), options.checks),
  };
}

type GoogleCalendarDeps = GoogleApiDeps & {
  /** Called after each reading of busy times. The reading's caller waits for it. */
  onReading?: ((reading: Reading) => Promise<void>) | undefined;
  /** Called after each call of the calendar. */
  observe?: ((call: CalendarCall) => void) | undefined;
  now?: () => number;
};

export type GoogleCalendar = Calendar & {
  /** Loads Google's client library, so that the first request doesn't wait for it. */
  load(): Promise<void>;
};

/** The calendar of a Google account. */
function createGoogleCalendar(deps: GoogleCalendarDeps): GoogleCalendar {
  const { policy, onReading, now = Date.now } = deps;
  const { load, call } = createGoogleApi(deps);
  const readCalendars = createReadCalendars(call);
  const readBusy = createReadBusy({ readCalendars, onReading, now });
  const timed = createTimer(deps.observe);
  const from = (customerId: string, callOptions: CallOptions = {}): OwnEventCall => ({
    call,
    customerId,
    callOptions,
  });

  return {
    load,
    reserve: async (customerId, requests) => policy.reserve(customerId, requests),
    readBusy: (question, options) => timed("read_busy", readBusy(question, options)),
    findFailures: (customerId, calendars) =>
      // The metric keeps the name that dashboards know.
      timed("find_troubles", findFailures(readCalendars, { customerId, span: shortSpan(now()), calendars })),
    insertEvent: (customerId, event, options) =>
      timed("insert_event", insertEvent(from(customerId, options), event)),
    findEvent: (customerId, eventId, timeZone, options) =>
      timed("find_event", findEvent(from(customerId, options), eventId, timeZone)),
    moveEvent: (customerId, move, options) => timed("move_event", moveEvent(from(customerId, options), move)),
    touchEvent: (customerId, event, options) =>
      timed("touch_event", touchEvent(from(customerId, options), event)),
    removeEvent: (customerId, event, options) =>
      timed("remove_event", removeEvent(from(customerId, options), event)),
    retireEvent: (customerId, event, options) =>
      timed("retire_event", retireEvent(from(customerId, options), event)),
  };
}

type ReadBusyDeps = Pick<GoogleCalendarDeps, "onReading"> & {
  readCalendars: ReadCalendars;
  now: () => number;
};

function createReadBusy({ readCalendars, onReading, now }: ReadBusyDeps): Calendar["readBusy"] {
  return async ({ customerId, span, calendars }, { reservation } = {}) => {
    if (!calendars.includes("primary"))
      throw new TypeError("The primary calendar must be among those that are read.");
    const question = { customerId, span, calendars };
    const readAt = now();
    const { readings, failures } = await readCalendars(question, { reservation });
    const primary = readings.get("primary");
    await onReading?.({ question, readAt, timeZone: primary?.timeZone, failures });
    // The primary calendar's failure concerns the whole account, and may be the cause of the others.
    if (failures.size > 0 || primary === undefined)
      throw failures.get("primary") ?? [...failures.values()][0];
    const busy = calendars.flatMap((calendarId) => readings.get(calendarId)?.busy ?? []);
    return { timeZone: primary.timeZone, readAt, busy };
  };
}

async function findFailures(
  readCalendars: ReadCalendars,
  question: Parameters<ReadCalendars>[0],
): Promise<ReadonlyMap<string, CalendarError>> {
  const { failures } = await readCalendars(question, {});
  return new Map(
    [...failures].map(([id, error]) => {
      if (!(error instanceof CalendarError)) throw error;
      return [id, error];
    }),
  );
}

/** Measures each call of the calendar with its repetitions and a refresh of the access token. */
function createTimer(observe: GoogleCalendarDeps["observe"]) {
  return async <T>(operation: string, call: Promise<T>): Promise<T> => {
    const begunAt = performance.now();
    let outcome = "ok";
    try {
      return await call;
    } catch (error) {
      outcome = error instanceof CalendarError ? error.code : "fault";
      throw error;
    } finally {
      observe?.({ operation, outcome, seconds: (performance.now() - begunAt) / 1_000 });
    }
  };
}
