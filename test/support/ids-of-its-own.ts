import {
  type Calendar,
  CalendarError,
  type OwnEventKey,
} from "../../apps/mcp-calendar/src/calendars/calendar.ts";
import { googleCalendar } from "../../apps/mcp-calendar/src/calendars/google/google-calendar.ts";
import type { CalendarOpener } from "../../apps/mcp-calendar/src/calendars/provider-calendar.ts";

/** Google Calendar as a provider would be that gives events ids of its own, and has no links to meetings. */
export function createProviderWithOwnIds() {
  const googleIds = new Map<string, string>();
  const ownIds = new Map<string, string>();
  const idsByMark = new Map<string, string>();
  const asked: OwnEventKey[] = [];
  let losesNextInsert = false;

  /** @throws for an id that this provider hasn't given: also for Google's. */
  function toGoogleId(eventId: string): string {
    const id = googleIds.get(eventId);
    if (id === undefined) throw new TypeError(`${eventId} isn't an id of this provider`);
    return id;
  }

  function toGoogleKey({ bookingId, eventId }: OwnEventKey): OwnEventKey {
    asked.push({ bookingId, eventId });
    const known = eventId ?? idsByMark.get(bookingId);
    return { bookingId, eventId: known === undefined ? null : toGoogleId(known) };
  }

  function withOwnIds(google: Calendar): Calendar {
    return {
      ...google,
      findCapabilities: async () => ({ meetLinks: false }),
      async readBusy(...given) {
        const times = await google.readBusy(...given);
        const busy = times.busy.map((event) => {
          const eventId = event.own === null ? undefined : ownIds.get(event.own.eventId);
          return { ...event, own: event.own && eventId !== undefined ? { ...event.own, eventId } : null };
        });
        return { ...times, busy };
      },
      async insertEvent(customerId, event, options) {
        if (event.withMeetLink) throw new TypeError("there are no links to meetings");
        const written = await google.insertEvent(customerId, event, options);
        const eventId = ownIds.get(written.eventId) ?? `own-${ownIds.size + 1}`;
        ownIds.set(written.eventId, eventId);
        googleIds.set(eventId, written.eventId);
        idsByMark.set(event.bookingId, eventId);
        if (!losesNextInsert) return { ...written, eventId };
        losesNextInsert = false;
        throw new CalendarError("calendar_unavailable", "no answer", { outcomeUnknown: true });
      },
      inviteAttendee: (customerId, invitation, options) =>
        google.inviteAttendee(
          customerId,
          { ...invitation, eventId: toGoogleId(invitation.eventId) },
          options,
        ),
      async findEvent(customerId, key, ...given) {
        const found = await google.findEvent(customerId, toGoogleKey(key), ...given);
        return found.kind === "found" ? { ...found, eventId: ownIds.get(found.eventId) ?? "" } : found;
      },
      moveEvent: (customerId, move, options) =>
        google.moveEvent(customerId, { ...move, eventId: toGoogleId(move.eventId) }, options),
      touchEvent: (customerId, event, options) =>
        google.touchEvent(customerId, { ...event, eventId: toGoogleId(event.eventId) }, options),
      removeEvent: (customerId, event, options) =>
        google.removeEvent(customerId, { ...event, eventId: toGoogleId(event.eventId) }, options),
      retireEvent: (customerId, event, options) =>
        google.retireEvent(customerId, { ...event, ...toGoogleKey(event) }, options),
      async keepAccess(customerId) {
        const kept = await google.keepAccess(customerId);
        return {
          retireEvent: (event, options) => kept.retireEvent({ ...event, ...toGoogleKey(event) }, options),
        };
      },
    };
  }

  return {
    opener: openGoogleAs(withOwnIds),
    toGoogleId,
    /** By what events were looked up and retired. */
    asked,
    /** The next insert is done, and its answer is lost. */
    loseNextInsert() {
      losesNextInsert = true;
    },
  };
}

function openGoogleAs(change: (google: Calendar) => Calendar): CalendarOpener {
  return {
    ...googleCalendar,
    open(options) {
      const google = googleCalendar.open(options);
      return {
        ...google,
        calendar: change(google.calendar),
        calendarForChecks: change(google.calendarForChecks),
      };
    },
  };
}
