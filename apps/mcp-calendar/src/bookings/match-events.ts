import type { BusyTime, OwnMark } from "../calendars/calendar.ts";
import { isStranded, type LedgerEntry } from "./booking.ts";

/** A time that an event of ours takes. */
export type OwnBusyTime = BusyTime & { readonly own: OwnMark };

/** The times of a reading that events of ours take. */
export function selectOwn(busy: readonly BusyTime[]): OwnBusyTime[] {
  return busy.flatMap((event) => (event.own === null ? [] : [{ ...event, own: event.own }]));
}

/**
 * @param connected the account whose calendar the events are in. An event in the calendar of another one may have the same
 * id.
 * @returns a function that finds whose event of ours one is: by the event's id where the ledger knows it, else by our
 * mark. A copy of an event has its mark and another id, so it belongs to nobody.
 */
export function createEventMatcher(
  bookings: readonly LedgerEntry[],
  connected: string | null,
): (own: OwnMark) => LedgerEntry | undefined {
  const byEventId = new Map<string, LedgerEntry>();
  const byMark = new Map<string, LedgerEntry>();
  for (const booking of bookings) {
    if (isStranded(booking, connected)) continue;
    if (booking.status === "confirmed") byEventId.set(booking.eventId, booking);
    else byMark.set(booking.id, booking);
  }
  return ({ eventId, bookingId }) => byEventId.get(eventId) ?? byMark.get(bookingId);
}
