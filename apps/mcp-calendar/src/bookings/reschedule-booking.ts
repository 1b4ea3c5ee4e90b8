import type { CallOptions } from "../calendars/calendar.ts";
import { countChange, type Outcome, retryWhileInProgress } from "./attempts.ts";
import {
  type BookedEvent,
  type ConfirmedBooking,
  type HeldMove,
  isConfirmed,
  isStranded,
  type RequestedRange,
} from "./booking.ts";
import { BookingError } from "./booking-error.ts";
import { expectInSchedule, expectOffered } from "./expect-free.ts";
import { expectAhead, expectConfirmed, expectOwn, findUnchangedEvent } from "./find-booking.ts";
import { invitePending } from "./invitations.ts";
import { type Moving, moveEvent, withRangeOf } from "./move-event.ts";
import {
  type BookingContext,
  type BookingDeps,
  guardHold,
  holdRange,
  readHoldTerms,
  withReservedRequests,
  writeEvent,
} from "./write-event.ts";

/**
 * Moves a booking: holds the new range beside the old one, reads the calendar afresh, moves the event if it wasn't
 * changed meanwhile, reads again, and gives the booking its new range. Both ranges are taken until the move is settled.
 * A move to the present range returns the booking as it is. A stranded booking is written anew into the calendar that is
 * connected now.
 *
 * @throws BookingError, SlotRefused, BookingMovedByHand, CalendarError
 */
export async function rescheduleBooking(
  deps: BookingDeps,
  context: BookingContext,
  bookingId: string,
  to: RequestedRange,
): Promise<ConfirmedBooking> {
  const { start, attendee } = await expectOwn(deps, context, bookingId);
  const move = () =>
    withReservedRequests(deps, context, attendee, (options) =>
      moveBooking(deps, context, { bookingId, to, options }),
    );
  // A move to where the booking already is changes nothing, so it is allowed beyond the limit too.
  const change = { kind: "move", what: `${bookingId} ${to.start}` } as const;
  return start === to.start ? (await move()).booking : countChange(deps, context, change, move);
}

type MoveRequest = {
  readonly bookingId: string;
  readonly to: RequestedRange;
  readonly options: CallOptions;
};

async function moveBooking(
  deps: BookingDeps,
  context: BookingContext,
  { bookingId, to, options }: MoveRequest,
): Promise<Outcome<ConfirmedBooking>> {
  const { booking, move } = await retryWhileInProgress(() => holdMove(deps, context, bookingId, to));
  if (move === undefined) {
    await findUnchangedEvent(deps, booking, options);
    return { isChanged: false, booking };
  }
  try {
    const moving = { booking, move, options: { ...options, beforeAttempt: guardHold(deps, move) } };
    const change = move.writesEvent ? writeAnew : moveExisting;
    return { isChanged: true, booking: await change(deps, context, moving) };
  } finally {
    deps.ledger.leave(move);
  }
}

/**
 * @returns the booking and the hold of its new range; no hold where the booking already is in that range.
 * @throws BookingError `in_progress` during another move.
 */
async function holdMove(
  deps: BookingDeps,
  context: BookingContext,
  bookingId: string,
  to: RequestedRange,
): Promise<{ booking: ConfirmedBooking; move?: HeldMove }> {
  const { ledger, now } = deps;
  const booking = await expectConfirmed(deps, context.customerId, bookingId);
  const terms = await readHoldTerms(deps, context);
  const stranded = isStranded(booking, terms.accountId);
  if (booking.start === to.start && !stranded) {
    if ((await ledger.findMove(booking)) !== undefined) throw new BookingError("in_progress");
    return { booking };
  }
  // Somebody may have moved the event to a time that is still ahead.
  if (booking.start <= now() && !stranded) await findUnchangedEvent(deps, booking);
  expectAhead(deps, booking);
  await expectInSchedule(deps, context, to);
  const move = await holdRange(deps, context, to, () => ledger.holdMove(booking, to, terms));
  if (await isUnchanged(deps, booking, move)) return { booking, move };
  throw new BookingError("in_progress");
}

/** Whether no other move came in between. If one did, the hold is released. */
async function isUnchanged(
  { ledger }: BookingDeps,
  booking: ConfirmedBooking,
  move: HeldMove,
): Promise<boolean> {
  try {
    const present = await ledger.find(booking.customerId, booking.id);
    if (present !== undefined && isConfirmed(present) && present.start === booking.start) return true;
    await ledger.release(move);
  } catch (error) {
    ledger.leave(move);
    throw error;
  }
  ledger.leave(move);
  return false;
}

type Changing = {
  readonly booking: ConfirmedBooking;
  readonly move: HeldMove;
  readonly options: CallOptions;
};

/** Writes a new event into the calendar that is connected now. The old one is out of our reach. */
async function writeAnew(
  deps: BookingDeps,
  context: BookingContext,
  { booking, move, options }: Changing,
): Promise<ConfirmedBooking> {
  const timeZone = await expectOffered(deps, context, move, options);
  const moved = { ...withRangeOf(booking, move), accountId: move.accountId };
  const confirm = (event: BookedEvent) => deps.ledger.completeMove(move, event);
  const event = await writeEvent(deps, context, move, { content: moved, timeZone, options, confirm });
  return invitePending(deps, { ...moved, ...event }, options);
}

async function moveExisting(
  deps: BookingDeps,
  context: BookingContext,
  changing: Changing,
): Promise<ConfirmedBooking> {
  const { booking, move, options } = changing;
  const event = await findUnchangedEvent(deps, booking, options).catch(async (error: unknown) => {
    await deps.ledger.release(move);
    throw error;
  });
  const timeZone = await expectOffered(deps, context, move, options);
  const moving: Moving = { ...changing, timeZone };
  await moveEvent(deps, context, moving, event);
  return { ...withRangeOf(booking, move), timeZone };
}
