import { isSameInterval } from "@cita/scheduling";
import { type Calendar, CalendarError, type CallOptions } from "../calendars/calendar.ts";
import type { Booking } from "./booking.ts";
import type { Ledger } from "./ledger.ts";
import { isStranded, writesAnew } from "./ledger-rows.ts";

export type SettlementDeps = {
  calendar: Calendar;
  ledger: Ledger;
  /** The provider's id of the account that is connected; null: not known, or none is. */
  accountOf(customerId: string): Promise<string | null>;
};

/** An event that somebody edits at this moment is looked at again so often. */
const maxLooks = 3;

/**
 * Settles a hold that nobody works on. No agent was told that such a booking exists, so its event is taken
 * back; where a move ended nobody was told either, so the calendar says it. From then on nothing that is
 * still under way can change that: the event's id is taken, or its version is another.
 * @throws CalendarError
 */
export async function settleHold(deps: SettlementDeps, hold: Booking): Promise<void> {
  if (await isWithinReach(deps, hold)) {
    if (hold.moves === null || writesAnew(hold)) await retireEventOf(deps, hold);
    else await settleMove(deps, hold, hold.moves);
  }
  await deps.ledger.release(hold);
}

/** Makes sure that a hold's event isn't in the calendar, and won't be. @throws CalendarError */
export async function retireEventOf(
  { calendar }: Pick<SettlementDeps, "calendar">,
  hold: Booking,
  options?: CallOptions,
): Promise<void> {
  const { eventId: id, id: bookingId, start, end } = hold;
  const event = { id, bookingId, start, end, timeZone: hold.timeZone ?? "UTC" };
  await calendar.retireEvent(hold.customerId, event, options);
}

async function settleMove(deps: SettlementDeps, move: Booking, bookingId: string): Promise<void> {
  const { ledger, calendar } = deps;
  for (let looks = 0; looks < maxLooks; looks++) {
    const booking = await ledger.find(move.customerId, bookingId);
    if (booking?.status !== "confirmed") return;
    const event = await calendar.findEvent(booking.customerId, booking.eventId, booking.timeZone ?? "UTC");
    if (event.kind === "gone") return ledger.follow(booking, undefined);
    if (event.kind === "unknown") return;
    const { version } = event;
    if (!(await calendar.touchEvent(booking.customerId, { id: booking.eventId, version }))) continue;
    if (isSameInterval(event, move)) await ledger.follow(booking, event, move.seat);
    else if (!isSameInterval(event, booking)) await ledger.follow(booking, event);
    return;
  }
  throw keepsChanging();
}

/**
 * Settles a cancellation that nobody works on: what was removed is cancelled, and what still stands goes on
 * standing, since nobody was told that it was cancelled.
 * @throws CalendarError
 */
export async function settleCancellation(deps: SettlementDeps, booking: Booking): Promise<void> {
  const { ledger, calendar } = deps;
  if (!(await isWithinReach(deps, booking))) return ledger.endCancelling(booking);
  const { customerId, eventId: id, timeZone } = booking;
  for (let looks = 0; looks < maxLooks; looks++) {
    const event = await calendar.findEvent(customerId, id, timeZone ?? "UTC");
    if (event.kind === "gone") return ledger.cancel(booking);
    if (event.kind === "unknown" || (await calendar.touchEvent(customerId, { id, version: event.version })))
      return ledger.endCancelling(booking);
  }
  throw keepsChanging();
}

/** What is in the calendar of an account that isn't connected any more can't be touched by us, nor read. */
async function isWithinReach({ accountOf }: SettlementDeps, booking: Booking): Promise<boolean> {
  return !isStranded(booking, await accountOf(booking.customerId));
}

export function keepsChanging(): CalendarError {
  return new CalendarError("calendar_unavailable", "the event keeps being changed");
}
