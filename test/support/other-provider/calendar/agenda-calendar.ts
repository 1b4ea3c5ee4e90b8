/** The made-up provider's implementation of the calendar contract, as one of our own would be. */

import { assembleCalendar } from "../../../../apps/mcp-calendar/src/calendars/assemble-calendar.ts";
import type {
  Calendar,
  CalendarCapabilities,
  CallOptions,
} from "../../../../apps/mcp-calendar/src/calendars/calendar.ts";
import type {
  CalendarOpener,
  CalendarUse,
} from "../../../../apps/mcp-calendar/src/calendars/provider-calendar.ts";
import { createUpstreamPolicy } from "../../../../apps/mcp-calendar/src/calendars/upstream/upstream-policy.ts";
import { type AgendaApiDeps, createAgendaCall } from "./agenda-api.ts";
import { assessFailure } from "./failures.ts";
import {
  findEvent,
  insertEvent,
  inviteAttendee,
  moveEvent,
  type OwnEntryCall,
  removeEvent,
  retireEvent,
  touchEvent,
} from "./own-entries.ts";
import { createReadCalendars } from "./readings.ts";

const capabilities: CalendarCapabilities = { chosenIds: false, quietInvitations: false, meetLinks: false };

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
        { description: "The business's Agenda is closed.", remedy: "The business has to open it again." },
      ],
    ]),
  },
  limitChecks: () => ({ perMinute: limits.perProject, variable: "AGENDA_QUOTA" }),
};

function createCalendar(deps: AgendaApiDeps & CalendarUse & { now: () => number }): Calendar {
  const call = createAgendaCall(deps);
  const from = (customerId: string, callOptions: CallOptions): OwnEntryCall => ({
    call,
    customerId,
    callOptions,
  });
  return assembleCalendar({
    ...deps,
    capabilities,
    // The zone is asked for as well.
    requestsPerReading: 2,
    readCalendars: createReadCalendars(call),
    ownEvents: {
      insertEvent: (customerId, options, event) => insertEvent(from(customerId, options), event),
      inviteAttendee: (customerId, options, invitation) =>
        inviteAttendee(from(customerId, options), invitation),
      findEvent: (customerId, options, event, timeZone) =>
        findEvent(from(customerId, options), event, timeZone),
      moveEvent: (customerId, options, move) => moveEvent(from(customerId, options), move),
      touchEvent: (customerId, options, event) => touchEvent(from(customerId, options), event),
      removeEvent: (customerId, options, event) => removeEvent(from(customerId, options), event),
      retireEvent: (customerId, options, event) => retireEvent(from(customerId, options), event),
    },
  });
}
