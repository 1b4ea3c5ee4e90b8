import type { Schedule } from "@cita/calendar-api";
import { isSameInterval } from "@cita/scheduling";
import { CalendarError, isOutcomeUnknown } from "../calendars/calendar.ts";
import { countChange, type Outcome, type Requester, retryWhileInProgress } from "./attempts.ts";
import { type CancelledBooking, type ConfirmedBooking, isConfirmed, isStranded } from "./booking.ts";
import { BookingError } from "./booking-error.ts";
import {
  expectAhead,
  expectOwn,
  expectUnchanged,
  type FindBookingDeps,
  type FoundEvent,
  findEvent,
} from "./find-booking.ts";
import { keepsChanging } from "./settlement.ts";
import { HoldLostError } from "./write-event.ts";

/**
 * Removes the booking's event from the calendar, then cancels the booking in the ledger. The ledger notes the removal
 * before it begins, so that another instance settles it after a crash in between. A booking whose calendar isn't
 * connected any more is cancelled in the ledger alone. Cancelling a cancelled booking returns it.
 *
 * @throws BookingError `not_found`, `begun`, `series`, `too_many_changes`, `cancellations_stopped`;
 * BookingMovedByHand, CalendarError
 */
export async function cancelBooking(
  deps: FindBookingDeps,
  schedule: Schedule,
  requester: Requester,
  bookingId: string,
): Promise<CancelledBooking> {
  const { customerId } = requester;
  const own = await expectOwn(deps, requester, bookingId);
  const cancel = () => retryWhileInProgress(() => cancelOnce(deps, schedule, customerId, bookingId));
  const change = { kind: "cancel", what: bookingId } as const;
  const found =
    own.status === "cancelled"
      ? (await cancel()).booking
      : await countChange(deps, requester, change, cancel);
  // A move that ended meanwhile has given it another range.
  const { start, end } = (await deps.ledger.find(customerId, bookingId)) ?? found;
  return { ...found, start, end, status: "cancelled", timeZone: schedule.time_zone ?? found.timeZone };
}

/** @returns the booking as it was found. @throws BookingError `in_progress` while another instance cancels it. */
async function cancelOnce(
  deps: FindBookingDeps,
  schedule: Schedule,
  customerId: string,
  bookingId: string,
): Promise<Outcome<ConfirmedBooking | CancelledBooking>> {
  const booking = await deps.ledger.find(customerId, bookingId);
  if (booking?.status === "cancelled") return { isChanged: false, booking };
  if (booking === undefined || !isConfirmed(booking)) throw new BookingError("not_found");
  if (isStranded(booking, await deps.readAccountId(customerId))) expectAhead(deps, booking);
  else await removeEvent(deps, schedule, booking);
  await deps.ledger.cancel(booking);
  // The booking was written anew meanwhile: the next attempt removes its new event.
  const present = await deps.ledger.find(customerId, bookingId);
  if (present?.status === "confirmed") throw new BookingError("in_progress");
  return { isChanged: true, booking };
}

/** How often removing is tried when the event changes between its reading and its removal. */
const maxAttempts = 3;

async function removeEvent(
  deps: FindBookingDeps,
  schedule: Schedule,
  booking: ConfirmedBooking,
): Promise<void> {
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    const event = await findEvent(deps, booking);
    if (event.kind === "gone") return;
    if (event.kind === "found") await expectInPlace(deps, booking, event);
    expectAhead(deps, booking);
    if (event.kind === "unknown") return expectAbsent(deps, schedule, booking);
    const removal = await removeExisting(deps, booking, event);
    if (removal === "removed") return;
    if (removal === "absent") {
      // An attempt of ours without an answer may have removed it: the removal stays noted until that is known.
      return expectAbsent(deps, schedule, booking).catch((error: unknown) => {
        deps.ledger.leaveCancelling(booking);
        throw error;
      });
    }
    // `changed`: somebody has edited the event, or a move of ours has ended.
  }
  throw keepsChanging();
}

async function removeExisting(deps: FindBookingDeps, booking: ConfirmedBooking, { version }: FoundEvent) {
  const { calendar, ledger } = deps;
  if (!(await ledger.beginCancelling(booking))) throw new BookingError("in_progress");
  const beforeAttempt = async () => {
    if (!(await ledger.isCancelling(booking)))
      throw new HoldLostError("the cancellation was taken over by another instance");
  };
  try {
    const { customerId, eventId } = booking;
    const removal = await calendar.removeEvent(customerId, { eventId, version }, { beforeAttempt });
    if (removal === "changed") await ledger.endCancelling(booking);
    return removal;
  } catch (error) {
    if (isOutcomeUnknown(error)) ledger.leaveCancelling(booking);
    else await ledger.endCancelling(booking);
    // The instance that took the cancellation over settles the booking; then the attempt is repeated.
    throw error instanceof HoldLostError ? new BookingError("in_progress", { cause: error }) : error;
  }
}

/** Expects the event in the range of the booking, or of a move of ours, whether or not the move is settled. */
async function expectInPlace(
  deps: FindBookingDeps,
  booking: ConfirmedBooking,
  event: FoundEvent,
): Promise<void> {
  const { ledger } = deps;
  const ranges = [booking, await ledger.findMove(booking), await ledger.find(booking.customerId, booking.id)];
  const isInPlace = ranges.some((range) => range !== undefined && isSameInterval(event, range));
  if (event.recurring || !isInPlace) await expectUnchanged(deps, booking, event);
}

/** "Not found" may pass, so it counts only where the event is deleted or a reading doesn't show it either. */
async function expectAbsent(
  deps: FindBookingDeps,
  schedule: Schedule,
  booking: ConfirmedBooking,
): Promise<void> {
  if ((await findEvent(deps, booking)).kind === "gone") return;
  const { customerId, start, end } = booking;
  const asked = { customerId, span: { start, end }, calendars: schedule.busy_calendars };
  const { busy } = await deps.calendar.readBusy(asked);
  if (!busy.some(({ own }) => own?.eventId === booking.eventId && !own.isOccurrence)) return;
  throw new CalendarError("calendar_unavailable", "the event is shown and can't be found");
}
