/** What booking and moving do with a hold: read the calendar afresh, write the event, read again. */

import { isFree, isSameInterval, refuseStart } from "@cita/scheduling";
import { CalendarError, type CallOptions, isOutcomeUnknown } from "../calendars/calendar.ts";
import { spanOfAlternatives } from "../schedules/slot-rules.ts";
import { readAvailability } from "./availability.ts";
import { type BookedEvent, type HeldBooking, toBlockedSpan } from "./booking.ts";
import { BookingError } from "./booking-error.ts";
import { type EventContent, toCalendarEvent } from "./booking-event.ts";
import { findEvent } from "./find-booking.ts";
import {
  type BookingContext,
  type BookingDeps,
  giveUpHold,
  HoldLostError,
  refuseSlot,
} from "./hold-range.ts";
import { retireEvent } from "./settlement.ts";

/**
 * Reserves the requests that a booking or move may need, so that our own budget can't end it half-way: two readings, a
 * `get` of the event, a write, and its undoing.
 */
export async function withReservedRequests<T>(
  { calendar }: BookingDeps,
  { customerId, schedule }: BookingContext,
  sequence: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const requests = 2 * schedule.busy_calendars.length + 5;
  const reservation = await calendar.reserve(customerId, requests);
  try {
    return await sequence({ reservation });
  } finally {
    reservation.release();
  }
}

/**
 * Reads afresh whether the hold's start is offered; where it isn't, the hold is released.
 * @returns the business's time zone.
 * @throws SlotRefused, CalendarError
 */
export async function expectOffered(
  deps: BookingDeps,
  context: BookingContext,
  hold: HeldBooking,
  options: CallOptions,
): Promise<string> {
  const reading = { kind: "present", hold, options } as const;
  try {
    const own = await readAvailability(deps, context, { ...reading, span: toBlockedSpan(hold) });
    if (refuseStart(own, hold.start) === undefined) return own.clock.timeZone;
    // The wider reading lets the ledger follow what was done by hand on that day, which may free the start.
    const wider = await readAvailability(deps, context, { ...reading, span: spanOfAlternatives(hold) });
    const rejection = refuseStart(wider, hold.start);
    if (rejection !== undefined) throw refuseSlot(rejection, wider, hold);
    return wider.clock.timeZone;
  } catch (error) {
    await deps.ledger.release(hold);
    throw error;
  }
}

/**
 * Reads again after our event was written. Where somebody else's event overlaps it now, theirs wins.
 * @param eventId the event in the hold's range.
 * @returns whether the reading showed the event where it was written.
 * @throws SlotRefused
 */
export async function expectStillFree(
  deps: BookingDeps,
  context: BookingContext,
  hold: HeldBooking,
  { eventId, options }: { eventId: string; options: CallOptions },
): Promise<boolean> {
  const reading = { kind: "present", options } as const;
  const own = await readAvailability(deps, context, { ...reading, span: toBlockedSpan(hold), hold });
  if (isFree(own, hold.start))
    return own.ownEvents.some((event) => event.eventId === eventId && isSameInterval(event, hold));
  const wider = await readAvailability(deps, context, { ...reading, span: spanOfAlternatives(hold) });
  throw refuseSlot("taken", wider, hold);
}

export type Writing = {
  readonly content: EventContent;
  readonly timeZone: string;
  readonly options: CallOptions;
  /** @returns false when the hold was taken away. */
  readonly confirm: (event: BookedEvent) => Promise<boolean>;
};

/**
 * Inserts a hold's event, makes sure that it is the only one in its range, and confirms. After a failure the event is
 * removed; where that isn't certain the hold is abandoned.
 */
export async function writeEvent(
  deps: BookingDeps,
  context: BookingContext,
  hold: HeldBooking,
  { content, timeZone, options, confirm }: Writing,
): Promise<BookedEvent> {
  let mayExist = false;
  try {
    const event = toCalendarEvent(content, context.schedule, timeZone);
    const inserting = deps.calendar.insertEvent(hold.customerId, event, options);
    const { meetLink, isInvited } = await inserting.catch((error: unknown) => {
      mayExist = isOutcomeUnknown(error);
      throw error;
    });
    mayExist = true;
    const isShown = await expectStillFree(deps, context, hold, { eventId: hold.eventId, options });
    if (!isShown) await expectInserted(deps, hold, { timeZone, options });
    const written = { timeZone, meetLink, invitation: toInvitation(isInvited) };
    if (await confirm(written)) return written;
    throw new HoldLostError("the hold was taken over by another instance");
  } catch (error) {
    if (error instanceof HoldLostError) await giveUpHold(deps, hold);
    else if (mayExist) await removeInserted(deps, hold, options);
    else await deps.ledger.release(hold);
    throw error;
  }
}

/** A reading may lag behind. A `get` of the event doesn't. */
async function expectInserted(
  deps: BookingDeps,
  hold: HeldBooking,
  { timeZone, options }: { timeZone: string; options: CallOptions },
): Promise<void> {
  const event = await findEvent(deps, { ...hold, timeZone }, options);
  if (event.kind === "found" && isSameInterval(event, hold)) return;
  if (event.kind === "gone") {
    if (await deps.ledger.isHeld(hold)) throw new BookingError("cancelled_since");
    throw new HoldLostError("the hold was taken over by another instance");
  }
  throw new CalendarError("calendar_unavailable", "the event that was written is not in the calendar");
}

function toInvitation(isInvited: boolean | null): BookedEvent["invitation"] {
  if (isInvited === null) return null;
  return isInvited ? "sent" : "refused";
}

async function removeInserted(
  deps: BookingDeps,
  hold: HeldBooking,
  { reservation }: CallOptions,
): Promise<void> {
  try {
    await retireEvent(deps, hold, { reservation });
  } catch (error) {
    await deps.ledger.abandon(hold, "later");
    if (error instanceof CalendarError) return;
    throw error;
  }
  await deps.ledger.release(hold);
}
