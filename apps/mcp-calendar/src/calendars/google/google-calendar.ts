/**
 * Google's implementation of the calendar contract, over Calendar API v3 with the scope `calendar.events` alone: requests
 * with a customer's token (`google-api.ts`), readings (`readings.ts`), our own events (`own-events.ts`), both by Google's
 * event resource (`event-resource.ts`), and what failures mean (`failures.ts`). `../upstream` decides when a request is sent or repeated;
 * consent and Google's token endpoint are in packages/consent and packages/providers.
 */

import {
  type Calendar,
  type CalendarCapabilities,
  CalendarError,
  type CallOptions,
  shortSpan,
} from "../calendar.ts";
import type {
  CalendarOpener,
  CalendarUse,
  ChecksLimit,
  ProviderCalendar,
  ProviderCalendarOptions,
} from "../provider-calendar.ts";
import { createUpstreamPolicy } from "../upstream/upstream-policy.ts";
import { assessFailure } from "./failures.ts";
import { createGoogleApi, type GoogleApiDeps } from "./google-api.ts";
import {
  findEvent,
  insertEvent,
  inviteAttendee,
  moveEvent,
  type OwnEventCall,
  removeEvent,
  retireEvent,
  touchEvent,
} from "./own-events.ts";
import { createReadCalendars, type ReadCalendars } from "./readings.ts";

/** Google's endpoint for calendars, and the requests a minute that it grants to a user and to our project. */
type GoogleSettings = Pick<
  ProviderCalendarOptions["config"],
  "GOOGLE_API_URL" | "GOOGLE_USER_QUOTA" | "GOOGLE_PROJECT_QUOTA"
>;

export type GoogleCalendarOptions = Omit<ProviderCalendarOptions, "config"> & {
  readonly config: GoogleSettings;
};

const capabilities: CalendarCapabilities = { chosenIds: true, quietInvitations: true, meetLinks: true };

/** The share of the quota that we use. Google's minutes begin at other moments than ours, so it is less than 1. */
const ownShare = 0.9;

/** The part of our share that checks may use. */
const checksShare = 0.1;

function limitChecks({ GOOGLE_PROJECT_QUOTA }: Pick<GoogleSettings, "GOOGLE_PROJECT_QUOTA">): ChecksLimit {
  return { perMinute: ownShare * checksShare * GOOGLE_PROJECT_QUOTA, variable: "GOOGLE_PROJECT_QUOTA" };
}

/** Google Calendar: for agents, and for checks with a budget of their own. */
export function openGoogleCalendar(options: GoogleCalendarOptions): ProviderCalendar {
  const { config, upstream, timeoutMs, now } = options;
  const apiUrl = config.GOOGLE_API_URL;

  /** Opens a calendar with a budget and breakers of its own. */
  function open(perProject: number, use: CalendarUse) {
    const limits = { perCustomer: ownShare * config.GOOGLE_USER_QUOTA, ...upstream, perProject };
    const policy = createUpstreamPolicy(limits, assessFailure);
    return createGoogleCalendar({ apiUrl, timeoutMs, policy, ...use, now });
  }

  const agents = open(upstream?.perProject ?? ownShare * config.GOOGLE_PROJECT_QUOTA, options.agents);
  const checks = open(limitChecks(config).perMinute, options.checks);
  return {
    calendar: agents.calendar,
    calendarForChecks: checks.calendar,
    load: agents.load,
  };
}

export const googleCalendar: CalendarOpener = { open: openGoogleCalendar, limitChecks };

type GoogleCalendarDeps = GoogleApiDeps & CalendarUse & { now: () => number };

/** The calendar of a Google account. */
function createGoogleCalendar(deps: GoogleCalendarDeps): Pick<ProviderCalendar, "calendar" | "load"> {
  const { policy, onReading, now } = deps;
  const { load, call } = createGoogleApi(deps);
  const readCalendars = createReadCalendars(call);
  const readBusy = createReadBusy({ readCalendars, onReading, now });
  const timed = createTimer(deps.observe);
  const from = (customerId: string, callOptions: CallOptions = {}): OwnEventCall => ({
    call,
    customerId,
    callOptions,
  });

  const calendar: Calendar = {
    findCapabilities: async () => capabilities,
    reserve: async (customerId, requests) => policy.reserve(customerId, requests),
    readBusy: (question, options) => timed("read_busy", readBusy(question, options)),
    findFailures: (customerId, calendars) =>
      // The metric keeps the name that dashboards know.
      timed("find_troubles", findFailures(readCalendars, { customerId, span: shortSpan(now()), calendars })),
    insertEvent: (customerId, event, options) =>
      timed("insert_event", insertEvent(from(customerId, options), event)),
    inviteAttendee: (customerId, invitation, options) =>
      timed("invite_attendee", inviteAttendee(from(customerId, options), invitation)),
    findEvent: (customerId, event, timeZone, options) =>
      timed("find_event", findEvent(from(customerId, options), event, timeZone)),
    moveEvent: (customerId, move, options) => timed("move_event", moveEvent(from(customerId, options), move)),
    touchEvent: (customerId, event, options) =>
      timed("touch_event", touchEvent(from(customerId, options), event)),
    removeEvent: (customerId, event, options) =>
      timed("remove_event", removeEvent(from(customerId, options), event)),
    retireEvent: (customerId, event, options) =>
      timed("retire_event", retireEvent(from(customerId, options), event)),
  };
  return { calendar, load };
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
