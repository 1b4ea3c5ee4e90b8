/** The made-up provider's implementation of the calendar contract, as one of our own would be. */

import { assembleCalendar } from "../../../../apps/mcp-calendar/src/calendars/assemble-calendar.ts";
import type { Calendar, CalendarCapabilities } from "../../../../apps/mcp-calendar/src/calendars/calendar.ts";
import type {
  CalendarOpener,
  CalendarUse,
} from "../../../../apps/mcp-calendar/src/calendars/provider-calendar.ts";
import { createUpstreamPolicy } from "../../../../apps/mcp-calendar/src/calendars/upstream/upstream-policy.ts";
import { type AgendaApiDeps, createAgendaApi } from "./agenda-api.ts";
import { assessFailure } from "./failures.ts";
import {
  findEvent,
  insertEvent,
  inviteAttendee,
  moveEvent,
  removeEvent,
  retireEvent,
  touchEvent,
} from "./own-entries.ts";
import { createReadCalendars } from "./readings.ts";

const capabilities: CalendarCapabilities = { meetLinks: false };

/** Requests a minute. Nobody has to be spared. */
const limits = { perCustomer: 100_000, perProject: 100_000 };

export const agendaCalendar: CalendarOpener = {
  open({ config, agents, checks, timeoutMs, upstream, now }) {
    const open = (use: CalendarUse) => {
      const policy = createUpstreamPolicy({ ...limits, ...upstream }, assessFailure);
      return createCalendar({ ...use, hostsAt: config.PROVIDER_HOSTS_AT, timeoutMs, policy, now });
    };
    return { calendar: open(agents), calendarForChecks: open(checks), load: async () => undefined };
  },
  help: {
    ...{ calendarPage: "agenda.example", statusPage: null },
    refusals: new Map([
      [
        "account_closed",
        {
          obstacle: "no_calendar" as const,
          description: "The business's Agenda is closed.",
          remedy: "The business has to open it again.",
        },
      ],
    ]),
  },
  limitChecks: () => ({ perMinute: limits.perProject, variable: "AGENDA_QUOTA" }),
};

function createCalendar(deps: AgendaApiDeps & CalendarUse & { now: () => number }): Calendar {
  const { call, keepAccess } = createAgendaApi(deps);
  return assembleCalendar({
    ...deps,
    capabilities,
    // The zone is asked for as well.
    requestsPerReading: 2,
    readCalendars: createReadCalendars(call),
    ...{ call, keepAccess },
    ownEvents: { insertEvent, inviteAttendee, findEvent, moveEvent, touchEvent, removeEvent, retireEvent },
  });
}
