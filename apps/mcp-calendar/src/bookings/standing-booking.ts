import { isSameInterval } from "@cita/scheduling";
import { CalendarError, type CallOptions, type OwnEvent } from "../calendars/calendar.ts";
import { belongsTo } from "./attendee-ids.ts";
import type { AvailabilityDeps } from "./availability.ts";
import type { PlacedBooking } from "./book-appointment.ts";
import { type Booking, BookingError, BookingMovedByHand, type BookingRequest } from "./booking.ts";
import type { Requester } from "./count-change.ts";
import { isStranded } from "./ledger-rows.ts";
import { untilSettled } from "./until-settled.ts";

export type StandingEvent = Extract<OwnEvent, { kind: "standing" }>;

/**
 * A booking that the requester may reach.
 * @throws BookingError `not_found`, also for somebody else's booking: that it exists isn't told.
 */
export async function expectOwn(
  { ledger }: AvailabilityDeps,
  { customerId, person }: Requester,
  bookingId: string,
): Promise<Booking> {
  const booking = await ledger.find(customerId, bookingId);
  if (booking === undefined || (person !== undefined && !belongsTo(booking.attendee, person)))
    throw new BookingError("not_found");
  return booking;
}

/** A booking that stands, by the ledger. @throws BookingError `not_found`, `cancelled_since` */
export async function expectConfirmed(
  { ledger }: AvailabilityDeps,
  customerId: string,
  bookingId: string,
): Promise<PlacedBooking> {
  const booking = await ledger.find(customerId, bookingId);
  if (booking?.status === "cancelled") throw new BookingError("cancelled_since");
  if (booking?.status !== "confirmed") throw new BookingError("not_found");
  return { ...booking, timeZone: booking.timeZone ?? "UTC" };
}

/**
 * A confirmed booking as it is now, for whoever asks for it again: where a person has moved it in the
 * calendar itself, it is confirmed there.
 * @throws BookingError `cancelled_since`, `stranded`, `in_progress` during a move; CalendarError
 */
export async function findPresent(
  deps: AvailabilityDeps,
  { customerId, id }: Booking,
): Promise<PlacedBooking> {
  const booking = await expectConfirmed(deps, customerId, id);
  const event = await eventOfBooking(deps, booking);
  if (event.kind === "unknown") throw notFound();
  if (event.kind === "gone") {
    await deps.ledger.follow(booking, undefined);
    throw new BookingError("cancelled_since");
  }
  if (isSameInterval(event, booking)) return booking;
  if ((await deps.ledger.moveOf(booking)) !== undefined) throw new BookingError("in_progress");
  await deps.ledger.follow(booking, event);
  return { ...booking, start: event.start, end: event.end };
}

/**
 * An earlier booking as it is now.
 * @returns undefined where the request has no idempotency key and the booking was cancelled or moved since: then a new
 * one is wanted.
 */
export async function findAsRequested(
  deps: AvailabilityDeps,
  request: BookingRequest,
  earlier: Booking,
): Promise<PlacedBooking | undefined> {
  const hasKey = request.idempotencyKey !== null;
  try {
    const present = await untilSettled(() => findPresent(deps, earlier));
    return hasKey || present.start === request.start ? present : undefined;
  } catch (error) {
    if (!hasKey && error instanceof BookingError && error.code === "cancelled_since") return undefined;
    throw error;
  }
}

/**
 * The booking's event, where the ledger has it. If a person has moved or deleted it, the ledger follows first.
 * @throws BookingError `cancelled_since`, `series`, `stranded`; BookingMovedByHand, CalendarError
 */
export async function findStanding(
  deps: AvailabilityDeps,
  booking: Booking,
  options?: CallOptions,
): Promise<StandingEvent> {
  return expectUnchanged(deps, booking, await eventOfBooking(deps, booking, options));
}

/** What has become of the booking's event. @throws BookingError `stranded`, CalendarError */
export async function eventOfBooking(
  { calendar, accountOf }: AvailabilityDeps,
  booking: Booking,
  options?: CallOptions,
): Promise<OwnEvent> {
  const { customerId, eventId, timeZone } = booking;
  if (isStranded(booking, await accountOf(customerId))) throw new BookingError("stranded");
  return calendar.findEvent(customerId, eventId, timeZone ?? "UTC", options);
}

/** Nobody moves or cancels what has begun. Asked once the ledger has followed the calendar. @throws BookingError `begun` */
export function expectAhead({ now }: AvailabilityDeps, booking: Booking): void {
  if (booking.start <= now()) throw new BookingError("begun");
}

/** The same of an event that has just been found. */
export async function expectUnchanged(
  { ledger }: AvailabilityDeps,
  booking: Booking,
  event: OwnEvent,
): Promise<StandingEvent> {
  if (event.kind === "unknown") throw notFound();
  if (event.kind === "gone") {
    await ledger.follow(booking, undefined);
    throw new BookingError("cancelled_since");
  }
  if (event.recurring) throw new BookingError("series");
  if (isSameInterval(event, booking)) return event;
  await ledger.follow(booking, event);
  throw new BookingMovedByHand({ ...booking, start: event.start, end: event.end });
}

function notFound(): CalendarError {
  return new CalendarError("calendar_unavailable", "the booking's event is not found");
}
