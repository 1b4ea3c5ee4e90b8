/**
 * Google's implementation of the calendar contract, over Calendar API v3 with the scope `calendar.events` alone: requests
 * with a customer's token (`google-api.ts`), readings (`readings.ts`), our own events (`own-events.ts`), both by Google's
 * event resource (`event-resource.ts`), and what failures mean (`failures.ts`). `../upstream` decides when a request is sent or repeated;
 * consent and Google's token endpoint are in packages/consent and packages/providers.
 */

import { assembleCalendar } from "../assemble-calendar.ts";
import type { CalendarCapabilities } from "../calendar.ts";
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
import { googleHelp } from "./help.ts";
import {
  findEvent,
  insertEvent,
  inviteAttendee,
  moveEvent,
  removeEvent,
  retireEvent,
  touchEvent,
} from "./own-events.ts";
import { createReadCalendars } from "./readings.ts";

/** Google's endpoint for calendars, and the requests a minute that it grants to a user and to our project. */
type GoogleSettings = Pick<
  ProviderCalendarOptions["config"],
  "GOOGLE_API_URL" | "GOOGLE_USER_QUOTA" | "GOOGLE_PROJECT_QUOTA"
>;

export type GoogleCalendarOptions = Omit<ProviderCalendarOptions, "config"> & {
  readonly config: GoogleSettings;
};

const capabilities: CalendarCapabilities = { meetLinks: true };

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

export const googleCalendar: CalendarOpener = {
  open: openGoogleCalendar,
  limitChecks,
  help: googleHelp,
};

type GoogleCalendarDeps = GoogleApiDeps & CalendarUse & { now: () => number };

/** The calendar of a Google account. */
function createGoogleCalendar(deps: GoogleCalendarDeps): Pick<ProviderCalendar, "calendar" | "load"> {
  const { load, call, keepAccess } = createGoogleApi(deps);
  const calendar = assembleCalendar({
    ...deps,
    capabilities,
    readCalendars: createReadCalendars(call),
    ...{ call, keepAccess },
    ownEvents: { insertEvent, inviteAttendee, findEvent, moveEvent, touchEvent, removeEvent, retireEvent },
  });
  return { calendar, load };
}
