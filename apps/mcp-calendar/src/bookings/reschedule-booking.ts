import { CalendarError, type EventMove, isOutcomeUnknown } from "../calendars/calendar.ts";
import {
  type BookingDeps,
  expectStillOurs,
  holding,
  holdRanOut,
  offeredRules,
  type PlacedBooking,
  UnsettledBooking,
  untilSettled,
  type Wish,
} from "./book-appointment.ts";
import { type Booking, BookingError, BookingMovedByHand, type Place } from "./booking.ts";
import {
  eventOfBooking,
  expectAhead,
  expectConfirmed,
  expectUnchanged,
  findStanding,
  type StandingEvent,
} from "./standing-booking.ts";

/**
 * Moves a booking: hold the new range beside the old one, read the calendar afresh, move the event if
 * nobody has changed it meanwhile, read again, and give the booking its new range. Both ranges are taken
 * until it is known which one it is; asking for where it already is answers the same again.
 *
 * @throws BookingError, SlotRefused, BookingMovedByHand, CalendarError
 */
export async function rescheduleBooking(
  deps: BookingDeps,
  wish: Wish,
  bookingId: string,
  to: Place,
): Promise<PlacedBooking> {
  const { booking, move } = await untilSettled(() => holdMove(deps, wish, bookingId, to));
  if (move === undefined) {
    await findStanding(deps, booking);
    return booking;
  }
  try {
    const event = await findStanding(deps, booking);
    const { clock } = await offeredRules(deps, wish, move);
    await moveEvent(deps, wish, { booking, move, timeZone: clock.timeZone }, event);
    return { ...booking, ...rangeOf(move), timeZone: clock.timeZone };
  } catch (error) {
    if (error instanceof UnsettledBooking) throw new BookingError("unsettled", { cause: error.cause });
    await deps.ledger.release(move);
    throw error;
  }
}

/** The booking and the hold of its new range; no hold where it already is there. @throws BookingError `in_progress` during another move */
async function holdMove(
  deps: BookingDeps,
  wish: Wish,
  bookingId: string,
  to: Place,
): Promise<{ booking: PlacedBooking; move?: Booking }> {
  const { ledger, now, holdMs } = deps;
  const booking = await expectConfirmed(deps, wish.customerId, bookingId);
  if (booking.start === to.start) {
    if ((await ledger.moveOf(booking)) !== undefined) throw new BookingError("in_progress");
    return { booking };
  }
  if (booking.start <= now()) await findStanding(deps, booking);
  expectAhead(deps, booking);
  const move = await holding(deps, wish, to, () => ledger.holdMove(booking, to, now() + holdMs));
  const present = await ledger.find(wish.customerId, bookingId);
  if (present?.status === "confirmed" && present.start === booking.start) return { booking, move };
  // Another move came in between: what is wanted is looked at again.
  await ledger.release(move);
  throw new BookingError("in_progress");
}

type Move = { readonly booking: PlacedBooking; readonly move: Booking; readonly timeZone: string };

function rangeOf({ start, end, bufferBeforeMs, bufferAfterMs, seat }: Booking) {
  return { start, end, bufferBeforeMs, bufferAfterMs, seat };
}

/** Moves the event and the ledger's row; what goes wrong is moved back. @throws UnsettledBooking when that can't be made sure of. */
async function moveEvent(deps: BookingDeps, wish: Wish, moving: Move, event: StandingEvent): Promise<void> {
  const { booking, move } = moving;
  try {
    await patchEvent(deps, moving, event);
    const shown = await expectStillOurs(deps, wish, move, booking.eventId);
    // A reading may lag behind; the event itself says what somebody has done to it meanwhile.
    if (!shown) {
      await findStanding(deps, { ...booking, ...rangeOf(move) });
    }
    if (!(await deps.ledger.completeMove(move))) throw holdRanOut();
  } catch (error) {
    if (error instanceof BookingMovedByHand) throw error;
    if (!(await movedBack(deps, moving, error))) throw new UnsettledBooking(error);
    // Somebody may have cancelled it meanwhile: then that is what went wrong.
    await expectConfirmed(deps, booking.customerId, booking.id);
    throw error;
  }
}

/** An event that somebody edits at this moment is looked at again: its title is theirs, its time decides. */
const mostPatches = 3;

async function patchEvent(deps: BookingDeps, moving: Move, event: StandingEvent): Promise<void> {
  const { booking, move } = moving;
  let found = event;
  for (let patches = 1; patches <= mostPatches; patches++) {
    try {
      if (await deps.calendar.moveEvent(booking.customerId, eventMove(moving, found, move))) return;
    } catch (error) {
      // Once more where no answer came: of two that arrive, the event's version lets one through.
      if (patches > 1 || !isOutcomeUnknown(error)) throw error;
    }
    const now = await eventOfBooking(deps, booking);
    if (now.kind === "standing" && now.start === move.start && now.end === move.end) return;
    found = await expectUnchanged(deps, booking, now);
  }
  throw new CalendarError("calendar_unavailable", "the event keeps being changed");
}

function eventMove(
  { booking, timeZone }: Move,
  { version }: StandingEvent,
  { start, end }: { start: number; end: number },
): EventMove {
  return { id: booking.eventId, version, start, end, timeZone };
}

/** Whether the event surely isn't where we moved it. Nothing is overwritten that isn't our own doing. */
async function movedBack(deps: BookingDeps, moving: Move, because: unknown): Promise<boolean> {
  const { booking, move } = moving;
  try {
    const event = await eventOfBooking(deps, booking);
    if (event.kind !== "standing") return event.kind === "gone";
    if (event.start === move.start && event.end === move.end) {
      return await deps.calendar.moveEvent(booking.customerId, eventMove(moving, event, booking));
    }
    // A change that got no answer may still arrive.
    return !isOutcomeUnknown(because);
  } catch (error) {
    if (error instanceof CalendarError) return false;
    throw error;
  }
}
