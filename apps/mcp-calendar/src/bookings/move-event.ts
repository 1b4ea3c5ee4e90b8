import { isSameInterval } from "@cita/scheduling";
import { type CallOptions, type EventMove, isOutcomeUnknown } from "../calendars/calendar.ts";
import type { ConfirmedBooking, HeldMove } from "./booking.ts";
import { BookingError, BookingMovedByHand } from "./booking-error.ts";
import { expectStillFree } from "./expect-free.ts";
import {
  expectConfirmed,
  expectUnchanged,
  type FoundEvent,
  findEvent,
  findUnchangedEvent,
} from "./find-booking.ts";
import { keepsChanging } from "./settlement.ts";
import { type BookingContext, type BookingDeps, giveUpHold, HoldLostError } from "./write-event.ts";

export type Moving = {
  readonly booking: ConfirmedBooking;
  readonly move: HeldMove;
  readonly timeZone: string;
  readonly options: CallOptions;
};

/** The booking as it is in the range of its move. */
export function withRangeOf(
  booking: ConfirmedBooking,
  { start, end, bufferBeforeMs, bufferAfterMs, seat }: HeldMove,
): ConfirmedBooking {
  return { ...booking, start, end, bufferBeforeMs, bufferAfterMs, seat };
}

/**
 * Moves a booking's event, and the booking in the ledger. After a failure the event is moved back; where that isn't
 * certain the hold is abandoned.
 * @throws BookingError, SlotRefused, BookingMovedByHand, CalendarError
 */
export async function moveEvent(
  deps: BookingDeps,
  context: BookingContext,
  moving: Moving,
  event: FoundEvent,
): Promise<void> {
  const { booking, move, options } = moving;
  const { eventId } = booking;
  try {
    await patchEvent(deps, moving, event);
    const isShown = await expectStillFree(deps, context, move, { eventId, options });
    // A reading may lag behind. The event itself shows what was done to it by hand.
    if (!isShown) await findUnchangedEvent(deps, withRangeOf(booking, move), options);
    if (!(await deps.ledger.completeMove(move)))
      throw new HoldLostError("the move was taken over by another instance");
  } catch (error) {
    await endFailedMove(deps, moving, error);
    throw error;
  }
}

/** How often patching is tried when the event is edited between its reading and the patch. */
const maxPatches = 3;

async function patchEvent(deps: BookingDeps, moving: Moving, event: FoundEvent): Promise<void> {
  const { booking, move, options } = moving;
  let found = event;
  for (let patches = 1; patches <= maxPatches; patches++) {
    try {
      if (await deps.calendar.moveEvent(booking.customerId, toEventMove(moving, found, move), options))
        return;
    } catch (error) {
      // Repeated once where no answer came. If both patches arrive, the event's version lets only one through.
      if (patches > 1 || !isOutcomeUnknown(error)) throw error;
    }
    const now = await findEvent(deps, booking, options);
    if (now.kind === "found" && isSameInterval(now, move)) return;
    found = await expectUnchanged(deps, booking, now);
  }
  throw keepsChanging();
}

/** @throws BookingError `unsettled` where it isn't known whether the event was moved */
async function endFailedMove(deps: BookingDeps, moving: Moving, error: unknown): Promise<void> {
  const { booking, move } = moving;
  if (error instanceof BookingMovedByHand) return deps.ledger.release(move);
  const isLost = error instanceof HoldLostError;
  if (!isLost && (await isMovedBack(deps, moving, error))) {
    await deps.ledger.release(move);
  } else {
    await (isLost ? giveUpHold(deps, move) : deps.ledger.abandon(move, "later"));
    throw new BookingError("unsettled", { cause: error });
  }
  // Where the booking was cancelled meanwhile, that is reported instead of the failure.
  await expectConfirmed(deps, booking.customerId, booking.id);
}

/**
 * Moves the event back. Only a change of our own is overwritten, and nothing is written once the hold was taken over.
 * @returns whether it is certain that the event isn't in the range of the move and won't be.
 */
async function isMovedBack(deps: BookingDeps, moving: Moving, cause: unknown): Promise<boolean> {
  const { booking, move, options } = moving;
  const { calendar } = deps;
  const { customerId, eventId } = booking;
  try {
    const event = await findEvent(deps, booking, options);
    if (event.kind !== "found") return event.kind === "gone";
    if (isSameInterval(event, move)) {
      return await calendar.moveEvent(customerId, toEventMove(moving, event, booking), options);
    }
    // A patch without an answer may still arrive.
    if (!isOutcomeUnknown(cause)) return true;
    return await calendar.touchEvent(customerId, { eventId, version: event.version }, options);
  } catch {
    // It isn't known where the event is. The caller reports the error that made it move back.
    return false;
  }
}

function toEventMove(
  { booking, timeZone }: Moving,
  { version }: FoundEvent,
  { start, end }: { readonly start: number; readonly end: number },
): EventMove {
  return { eventId: booking.eventId, version, start, end, timeZone };
}
