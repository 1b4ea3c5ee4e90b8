/** Bookings and their events as they are now: where a change begins, and what a repeated request returns. */

import { isSameInterval } from "@cita/scheduling";
import { CalendarError, type CallOptions, type OwnEvent } from "../calendars/calendar.ts";
import { type Requester, retryWhileInProgress } from "./attempts.ts";
import {
  type Booking,
  type BookingRequest,
  type ConfirmedBooking,
  isConfirmed,
  isStranded,
} from "./booking.ts";
import { BookingError, BookingMovedByHand } from "./booking-error.ts";
import { belongsTo } from "./ledger/conditions.ts";
import type { SettlementDeps } from "./settlement.ts";

export type FindBookingDeps = SettlementDeps & { now: () => number };

/** A booking's event that is in the calendar. */
export type FoundEvent = Extract<OwnEvent, { kind: "found" }>;

/**
 * A booking that the requester may reach.
 * @throws BookingError `not_found`, also for somebody else's booking: that it exists isn't revealed.
 */
export async function expectOwn(
  { ledger }: FindBookingDeps,
  { customerId, attendee }: Requester,
  bookingId: string,
): Promise<Booking> {
  const booking = await ledger.find(customerId, bookingId);
  if (booking === undefined || (attendee !== undefined && !belongsTo(booking.attendee, attendee)))
    throw new BookingError("not_found");
  return booking;
}

/** A booking that is confirmed, by the ledger. @throws BookingError `not_found`, `cancelled_since` */
export async function expectConfirmed(
  { ledger }: FindBookingDeps,
  customerId: string,
  bookingId: string,
): Promise<ConfirmedBooking> {
  const booking = await ledger.find(customerId, bookingId);
  if (booking?.status === "cancelled") throw new BookingError("cancelled_since");
  if (booking === undefined || !isConfirmed(booking)) throw new BookingError("not_found");
  return booking;
}

/**
 * A confirmed booking as it is now: where its event was moved in the calendar itself, it is confirmed there.
 * @throws BookingError `cancelled_since`, `stranded`, `in_progress` during a move; CalendarError
 */
export async function findPresent(
  deps: FindBookingDeps,
  { customerId, id }: ConfirmedBooking,
): Promise<ConfirmedBooking> {
  const booking = await expectConfirmed(deps, customerId, id);
  const event = await findEvent(deps, booking);
  if (event.kind === "unknown") throw eventNotFound();
  if (event.kind === "gone") {
    await deps.ledger.follow(booking, undefined);
    throw new BookingError("cancelled_since");
  }
  if (isSameInterval(event, booking)) return booking;
  if ((await deps.ledger.findMove(booking)) !== undefined) throw new BookingError("in_progress");
  await deps.ledger.follow(booking, event);
  return { ...booking, start: event.start, end: event.end };
}

/**
 * The booking of an earlier, equal request as it is now.
 * @returns undefined where the request has no idempotency key and that booking was cancelled or moved since: the caller
 * then wants a new one.
 */
export async function findAsRequested(
  deps: FindBookingDeps,
  request: BookingRequest,
  earlier: ConfirmedBooking,
): Promise<ConfirmedBooking | undefined> {
  const hasKey = request.idempotencyKey !== null;
  try {
    const present = await retryWhileInProgress(() => findPresent(deps, earlier));
    return hasKey || present.start === request.start ? present : undefined;
  } catch (error) {
    if (!hasKey && error instanceof BookingError && error.code === "cancelled_since") return undefined;
    throw error;
  }
}

/** The booking's event as the provider has it now. @throws BookingError `stranded`, CalendarError */
export async function findEvent(
  { calendar, readAccountId }: FindBookingDeps,
  booking: Pick<ConfirmedBooking, "customerId" | "eventId" | "mark" | "accountId" | "timeZone">,
  options?: CallOptions,
): Promise<OwnEvent> {
  const { customerId, eventId, mark: bookingId, timeZone } = booking;
  if (isStranded(booking, await readAccountId(customerId))) throw new BookingError("stranded");
  return calendar.findEvent(customerId, { bookingId, eventId }, timeZone, options);
}

/**
 * The booking's event, in the range that the ledger has. If it was moved or deleted by hand, the ledger follows first.
 * @throws BookingError `cancelled_since`, `series`, `stranded`; BookingMovedByHand, CalendarError
 */
export async function findUnchangedEvent(
  deps: FindBookingDeps,
  booking: ConfirmedBooking,
  options?: CallOptions,
): Promise<FoundEvent> {
  return expectUnchanged(deps, booking, await findEvent(deps, booking, options));
}

/** As `findUnchangedEvent`, for an event that has just been found. */
export async function expectUnchanged(
  { ledger }: FindBookingDeps,
  booking: ConfirmedBooking,
  event: OwnEvent,
): Promise<FoundEvent> {
  if (event.kind === "unknown") throw eventNotFound();
  if (event.kind === "gone") {
    await ledger.follow(booking, undefined);
    throw new BookingError("cancelled_since");
  }
  if (event.recurring) throw new BookingError("series");
  if (isSameInterval(event, booking)) return event;
  await ledger.follow(booking, event);
  throw new BookingMovedByHand({ ...booking, start: event.start, end: event.end });
}

/**
 * A booking that has begun is neither moved nor cancelled. To be called after the ledger has followed the calendar.
 * @throws BookingError `begun`
 */
export function expectAhead({ now }: FindBookingDeps, booking: ConfirmedBooking): void {
  if (booking.start <= now()) throw new BookingError("begun");
}

function eventNotFound(): CalendarError {
  return new CalendarError("calendar_unavailable", "the booking's event is not found");
}
