import { isSameInterval } from "@cita/scheduling";
import { type Calendar, CalendarError, type CallOptions, type RetiredEvent } from "../calendars/calendar.ts";
import {
  type Booking,
  type ConfirmedBooking,
  type HeldBooking,
  type HeldMove,
  isStranded,
} from "./booking.ts";
import type { Ledger } from "./ledger/ledger.ts";

export type SettlementDeps = {
  calendar: Calendar;
  ledger: Ledger;
  /** The account that is connected, by `accountKey`; null: not known, or none is. */
  readAccountId(customerId: string): Promise<string | null>;
};

/** How often settling is tried when the event changes between its reading and our write. */
const maxAttempts = 3;

/**
 * Settles a hold that no call works on. No agent has learned of such a booking, so its event is removed. No agent has
 * learned how a move ended, so the booking goes where its event is. A request that is still under way can't change the
 * result: the event's id is taken, or its version is another.
 * @throws CalendarError
 */
export async function settleHold(deps: SettlementDeps, hold: HeldBooking): Promise<void> {
  if (await isWithinReach(deps, hold)) {
    const { moves } = hold;
    if (moves === null || hold.writesEvent) await retireEvent(deps, hold, null);
    else await settleMove(deps, { ...hold, moves });
  }
  await deps.ledger.release(hold);
}

/**
 * Makes sure that a hold's event isn't in the calendar, and won't be.
 * @param eventId null: not known, since no answer to the insert came.
 * @throws CalendarError
 */
export async function retireEvent(
  { calendar }: Pick<SettlementDeps, "calendar">,
  hold: HeldBooking,
  eventId: string | null,
  options?: CallOptions,
): Promise<void> {
  await calendar.retireEvent(hold.customerId, toRetired(hold, eventId), options);
}

export function toRetired({ id: bookingId, start, end }: HeldBooking, eventId: string | null): RetiredEvent {
  // The event is deleted at once, so its time zone doesn't matter.
  return { bookingId, eventId, start, end, timeZone: "UTC" };
}

async function settleMove({ ledger, calendar }: SettlementDeps, move: HeldMove): Promise<void> {
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    const booking = await ledger.find(move.customerId, move.moves);
    if (booking?.status !== "confirmed") return;
    const { customerId, eventId, mark: bookingId, timeZone } = booking;
    const event = await calendar.findEvent(customerId, { bookingId, eventId }, timeZone);
    if (event.kind === "gone") return ledger.follow(booking, undefined);
    if (event.kind === "unknown") return;
    if (!(await calendar.touchEvent(customerId, event))) continue;
    if (isSameInterval(event, move)) await ledger.follow(booking, event, move);
    else if (!isSameInterval(event, booking)) await ledger.follow(booking, event);
    return;
  }
  throw keepsChanging();
}

/**
 * Settles a cancellation that no call works on. Where the event is gone the booking is cancelled. Where the event exists
 * the booking stays confirmed: no agent has learned that it was cancelled.
 * @throws CalendarError
 */
export async function settleCancellation(deps: SettlementDeps, booking: ConfirmedBooking): Promise<void> {
  const { ledger, calendar } = deps;
  if (!(await isWithinReach(deps, booking))) return ledger.endCancelling(booking);
  const { customerId, eventId, mark: bookingId, timeZone } = booking;
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    const event = await calendar.findEvent(customerId, { bookingId, eventId }, timeZone);
    if (event.kind === "gone") return ledger.cancel(booking);
    if (event.kind === "unknown" || (await calendar.touchEvent(customerId, event)))
      return ledger.endCancelling(booking);
  }
  throw keepsChanging();
}

/** The calendar of an account that isn't connected any more can be neither read nor written. */
async function isWithinReach({ readAccountId }: SettlementDeps, booking: Booking): Promise<boolean> {
  return !isStranded(booking, await readAccountId(booking.customerId));
}

export function keepsChanging(): CalendarError {
  return new CalendarError("calendar_unavailable", "the event keeps being changed");
}
