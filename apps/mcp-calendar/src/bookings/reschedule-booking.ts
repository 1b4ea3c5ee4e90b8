import { type CallOptions, type EventMove, isOutcomeUnknown } from "../calendars/calendar.ts";
import {
  type BookingContext,
  type BookingDeps,
  expectInSchedule,
  expectStillOurs,
  holding,
  offeredZone,
  type PlacedBooking,
  termsOf,
  withReservedRequests,
  writeEvent,
} from "./book-appointment.ts";
import { type Booking, BookingError, BookingMovedByHand, type Place } from "./booking.ts";
import { countChange } from "./count-change.ts";
import { giveUp, guardHold, HoldLostError } from "./hold-guard.ts";
import type { Written } from "./ledger.ts";
import { isStranded, writesAnew } from "./ledger-rows.ts";
import { keepsChanging } from "./settlement.ts";
import {
  eventOfBooking,
  expectAhead,
  expectConfirmed,
  expectOwn,
  expectUnchanged,
  findStanding,
  type StandingEvent,
} from "./standing-booking.ts";
import { untilSettled } from "./until-settled.ts";

/**
 * Moves a booking: hold the new range beside the old one, read the calendar afresh, move the event if
 * nobody has changed it meanwhile, read again, and give the booking its new range. Both ranges are taken
 * until it is known which one it is; asking for where it already is answers the same again. One that was
 * written into the calendar of an account that isn't connected any more is written anew into this one.
 *
 * @throws BookingError, SlotRefused, BookingMovedByHand, CalendarError
 */
export async function rescheduleBooking(
  deps: BookingDeps,
  context: BookingContext,
  bookingId: string,
  to: Place,
): Promise<PlacedBooking> {
  const { start } = await expectOwn(deps, context, bookingId);
  const move = (noteUnchanged: () => void) => moveBooking(deps, context, { bookingId, to }, noteUnchanged);
  // A move to where the booking already is changes nothing, so it is allowed beyond the limit too.
  const change = { kind: "move", what: `${bookingId} ${to.start}` } as const;
  return start === to.start ? move(() => {}) : countChange(deps, context, change, move);
}

async function moveBooking(
  deps: BookingDeps,
  context: BookingContext,
  { bookingId, to }: { bookingId: string; to: Place },
  noteUnchanged: () => void,
): Promise<PlacedBooking> {
  return withReservedRequests(deps, context, async (options) => {
    const { booking, move } = await untilSettled(() => holdMove(deps, context, bookingId, to));
    if (move === undefined) {
      noteUnchanged();
      await findStanding(deps, booking, options);
      return booking;
    }
    try {
      const moving = { booking, move, options: { ...options, beforeAttempt: guardHold(deps, move) } };
      return await (writesAnew(move)
        ? writeAnew(deps, context, moving)
        : moveStanding(deps, context, moving));
    } finally {
      deps.ledger.leave(move);
    }
  });
}

type Moving = { readonly booking: PlacedBooking; readonly move: Booking; readonly options: CallOptions };

/** The booking and the hold of its new range; no hold where it already is there. @throws BookingError `in_progress` during another move */
async function holdMove(
  deps: BookingDeps,
  context: BookingContext,
  bookingId: string,
  to: Place,
): Promise<{ booking: PlacedBooking; move?: Booking }> {
  const { ledger, now } = deps;
  const booking = await expectConfirmed(deps, context.customerId, bookingId);
  const terms = await termsOf(deps, context);
  const stranded = isStranded(booking, terms.accountId);
  if (booking.start === to.start && !stranded) {
    if ((await ledger.moveOf(booking)) !== undefined) throw new BookingError("in_progress");
    return { booking };
  }
  // A person may have moved it by hand to where it hasn't begun yet.
  if (booking.start <= now() && !stranded) await findStanding(deps, booking);
  expectAhead(deps, booking);
  await expectInSchedule(deps, context, to);
  const move = await holding(deps, context, to, () => ledger.holdMove(booking, to, terms));
  if (await isUnchanged(deps, booking, move)) return { booking, move };
  throw new BookingError("in_progress");
}

/** Whether no other move came in between: otherwise the hold is released, and what is wanted is looked at again. */
async function isUnchanged({ ledger }: BookingDeps, booking: Booking, move: Booking): Promise<boolean> {
  try {
    const present = await ledger.find(booking.customerId, booking.id);
    if (present?.status === "confirmed" && present.start === booking.start) return true;
    await ledger.release(move);
  } catch (error) {
    ledger.leave(move);
    throw error;
  }
  ledger.leave(move);
  return false;
}

function rangeOf({ start, end, bufferBeforeMs, bufferAfterMs, seat }: Booking) {
  return { start, end, bufferBeforeMs, bufferAfterMs, seat };
}

/** A new event in the calendar that is connected now; the one before is out of our reach. */
async function writeAnew(
  deps: BookingDeps,
  context: BookingContext,
  { booking, move, options }: Moving,
): Promise<PlacedBooking> {
  const timeZone = await offeredZone(deps, context, move, options);
  const { eventId, accountId } = move;
  const moved = { ...booking, ...rangeOf(move), eventId, accountId };
  const confirm = (written: Written) => deps.ledger.completeMove(move, written);
  const written = await writeEvent(deps, context, move, { booking: moved, timeZone, options, confirm });
  return { ...moved, ...written };
}

async function moveStanding(
  deps: BookingDeps,
  context: BookingContext,
  moving: Moving,
): Promise<PlacedBooking> {
  const { booking, move, options } = moving;
  const event = await findStanding(deps, booking, options).catch(async (error: unknown) => {
    await deps.ledger.release(move);
    throw error;
  });
  const timeZone = await offeredZone(deps, context, move, options);
  await moveEvent(deps, context, { ...moving, timeZone }, event);
  return { ...booking, ...rangeOf(move), timeZone };
}

type PlacedMove = Moving & { readonly timeZone: string };

/** Moves the event and the ledger's row; what goes wrong is moved back, or given up where that can't be made sure of. */
async function moveEvent(
  deps: BookingDeps,
  context: BookingContext,
  moving: PlacedMove,
  event: StandingEvent,
): Promise<void> {
  const { booking, move, options } = moving;
  const { eventId } = booking;
  try {
    await patchEvent(deps, moving, event);
    const shown = await expectStillOurs(deps, context, move, { eventId, options });
    // A reading may lag behind; the event itself says what somebody has done to it meanwhile.
    if (!shown) await findStanding(deps, { ...booking, ...rangeOf(move) }, options);
    if (!(await deps.ledger.completeMove(move)))
      throw new HoldLostError("the move was taken over by another instance");
  } catch (error) {
    await endFailedMove(deps, moving, error);
    throw error;
  }
}

/** @throws BookingError `unsettled` where it isn't known whether the event was moved */
async function endFailedMove(deps: BookingDeps, moving: PlacedMove, error: unknown): Promise<void> {
  const { booking, move } = moving;
  if (error instanceof BookingMovedByHand) return deps.ledger.release(move);
  const isLost = error instanceof HoldLostError;
  if (!isLost && (await movedBack(deps, moving, error))) {
    await deps.ledger.release(move);
  } else {
    await (isLost ? giveUp(deps, move) : deps.ledger.abandon(move, "later"));
    throw new BookingError("unsettled", { cause: error });
  }
  // Somebody may have cancelled it meanwhile: then that is what went wrong.
  await expectConfirmed(deps, booking.customerId, booking.id);
}

/** An event that somebody edits at this moment is looked at again: its title is theirs, its time decides. */
const maxPatches = 3;

async function patchEvent(deps: BookingDeps, moving: PlacedMove, event: StandingEvent): Promise<void> {
  const { booking, move, options } = moving;
  let found = event;
  for (let patches = 1; patches <= maxPatches; patches++) {
    try {
      const patch = eventMove(moving, found, move);
      if (await deps.calendar.moveEvent(booking.customerId, patch, options)) return;
    } catch (error) {
      // Once more where no answer came: of two that arrive, the event's version lets one through.
      if (patches > 1 || !isOutcomeUnknown(error)) throw error;
    }
    const now = await eventOfBooking(deps, booking, options);
    if (now.kind === "standing" && now.start === move.start && now.end === move.end) return;
    found = await expectUnchanged(deps, booking, now);
  }
  throw keepsChanging();
}

function eventMove(
  { booking, timeZone }: PlacedMove,
  { version }: StandingEvent,
  { start, end }: { start: number; end: number },
): EventMove {
  return { id: booking.eventId, version, start, end, timeZone };
}

/**
 * Whether the event surely isn't where we moved it, nor will be. Nothing is overwritten that isn't our own doing,
 * and nothing is written once the hold was taken away: whoever took it has settled where the event is.
 */
async function movedBack(deps: BookingDeps, moving: PlacedMove, because: unknown): Promise<boolean> {
  const { booking, move, options } = moving;
  const { calendar } = deps;
  const { customerId, eventId: id } = booking;
  try {
    const event = await eventOfBooking(deps, booking, options);
    if (event.kind !== "standing") return event.kind === "gone";
    if (event.start === move.start && event.end === move.end) {
      return await calendar.moveEvent(customerId, eventMove(moving, event, booking), options);
    }
    // A change that got no answer may still arrive.
    if (!isOutcomeUnknown(because)) return true;
    return await calendar.touchEvent(customerId, { id, version: event.version }, options);
  } catch {
    // Whatever it was, it isn't known where the event is, and the error that led here is told.
    return false;
  }
}
