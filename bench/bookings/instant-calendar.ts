import type {
  BusyTime,
  Calendar,
  NewEvent,
  OwnEvent,
} from "../../apps/mcp-calendar/src/calendars/calendar.ts";
import type { CalendarOpener, CalendarUse } from "../../apps/mcp-calendar/src/calendars/provider-calendar.ts";

const timeZone = "America/Bogota";
const provider = "google";

/**
 * A provider that answers at once, so that what a booking costs is the service's own. It asks for the customer's access
 * token and reports its readings as each provider's calendar does, since these are queries.
 */
export const instantCalendar: CalendarOpener = {
  open: ({ agents, now }) => {
    const calendar = createCalendar(agents, now);
    return { calendar, calendarForChecks: calendar, load: async () => undefined };
  },
  limitChecks: () => ({ perMinute: 1, variable: "GOOGLE_PROJECT_QUOTA" }),
  help: { calendarPage: null, statusPage: null, refusals: new Map() },
};

function createCalendar({ accessTokens, onReading }: CalendarUse, now: () => number): Calendar {
  const eventsOf = new Map<string, Map<string, NewEvent>>();
  const open = async (customerId: string) => {
    await accessTokens.get({ customerId, provider });
    const known = eventsOf.get(customerId) ?? new Map<string, NewEvent>();
    eventsOf.set(customerId, known);
    return known;
  };
  const never = () => Promise.reject(new TypeError("Nothing here asks for this."));
  return {
    findCapabilities: async () => ({ meetLinks: false }),
    reserve: async () => ({ release: () => undefined }),
    async readBusy(question) {
      const events = await open(question.customerId);
      const { start, end } = question.span;
      const busy = [...events.values()].filter((event) => event.start < end && start < event.end);
      const readAt = now();
      await onReading?.({ question, readAt, timeZone, failures: new Map() });
      return { timeZone, readAt, busy: busy.map(toBusyTime) };
    },
    async insertEvent(customerId, event, options) {
      const events = await open(customerId);
      await options?.beforeAttempt?.();
      events.set(event.bookingId, event);
      return { eventId: event.bookingId, meetLink: null };
    },
    async findEvent(customerId, { bookingId }): Promise<OwnEvent> {
      const event = (await open(customerId)).get(bookingId);
      if (event === undefined) return { kind: "unknown" };
      const { start, end } = event;
      return {
        kind: "found",
        eventId: bookingId,
        version: "1",
        meetLink: null,
        recurring: false,
        start,
        end,
      };
    },
    async keepAccess(customerId) {
      await open(customerId);
      return { retireEvent: never };
    },
    ...{ inviteAttendee: never, moveEvent: never, touchEvent: never, removeEvent: never },
    ...{ retireEvent: never, findFailures: never },
  };
}

function toBusyTime({ start, end, bookingId }: NewEvent): BusyTime {
  return { start, end, own: { bookingId, eventId: bookingId, isOccurrence: false }, tentative: false };
}
