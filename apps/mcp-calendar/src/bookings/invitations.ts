import { CalendarError, type CallOptions } from "../calendars/calendar.ts";
import { type ConfirmedBooking, isStranded } from "./booking.ts";
import { toInvitation } from "./booking-event.ts";
import type { SettlementDeps } from "./settlement.ts";
import { HoldLostError } from "./write-event.ts";

export type InvitationDeps = SettlementDeps & { now: () => number };

/**
 * Sends a booking's invitation where one is pending. The booking stands whatever becomes of it: after a failure the
 * sweeper tries again.
 */
export async function invitePending(
  deps: InvitationDeps,
  booking: ConfirmedBooking,
  { reservation }: CallOptions,
): Promise<ConfirmedBooking> {
  if (booking.invitation !== "pending") return booking;
  try {
    return { ...booking, invitation: await sendInvitation(deps, booking, { reservation }) };
  } catch {
    deps.ledger.leaveInviting(booking);
    return booking;
  }
}

/**
 * Has the provider invite the attendee of a booking whose invitation this instance is to send, and stores what became of
 * it. Nobody is invited to an appointment that has begun. While the calendar isn't connected the invitation stays pending:
 * the business may connect it again.
 * @throws CalendarError where it isn't known yet; the invitation stays pending.
 */
export async function sendInvitation(
  { calendar, ledger, readAccountId, now }: InvitationDeps,
  booking: ConfirmedBooking,
  { reservation }: CallOptions = {},
): Promise<"sent" | "refused"> {
  const { customerId } = booking;
  const isReachable = async () => !isStranded(booking, await readAccountId(customerId));
  const beforeAttempt = async () => {
    if (!(await ledger.isInviting(booking)))
      throw new HoldLostError("the invitation was taken over by another instance");
    if (!(await isReachable())) throw new HoldLostError("another account was connected meanwhile");
  };
  const invitation = toInvitation(booking);
  const isDue = invitation !== undefined && booking.start > now();
  if (isDue && !(await isReachable()))
    throw new CalendarError("not_connected", "the account with the event isn't connected");
  const isSent =
    isDue && (await calendar.inviteAttendee(customerId, invitation, { reservation, beforeAttempt }));
  const state = isSent ? "sent" : "refused";
  await ledger.endInviting(booking, state);
  return state;
}
