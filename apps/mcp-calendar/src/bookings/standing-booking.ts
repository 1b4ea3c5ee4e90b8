import { isSameInterval } from "@cita/scheduling";
import { CalendarError, type OwnEvent } from "../calendars/calendar.ts";
import type { AvailabilityDeps } from "./availability.ts";
import type { PlacedBooking } from "./book-appointment.ts";
import { type Booking, BookingError, BookingMovedByHand } from "./booking.ts";

export type StandingEvent = Extract<OwnEvent, { kind: "standing" }>;

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
 * The booking's event, where the ledger has it. If a person has moved or deleted it, the ledger follows first.
 * @throws BookingError `cancelled_since`, `series`, BookingMovedByHand, CalendarError
 */
export async function findStanding(deps: AvailabilityDeps, booking: Booking): Promise<StandingEvent> {
  return expectUnchanged(deps, booking, await eventOfBooking(deps, booking));
}

/** What has become of the booking's event. */
export function eventOfBooking(
  { calendar }: AvailabilityDeps,
  { customerId, eventId, timeZone }: Booking,
): Promise<OwnEvent> {
  return calendar.findEvent(customerId, eventId, timeZone ?? "UTC");
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
  if (event.kind === "unknown") {
    throw new CalendarError("calendar_unavailable", "the booking's event is not found");
  }
  if (event.kind === "gone") {
    await ledger.follow(booking, undefined);
    throw new BookingError("cancelled_since");
  }
  if (event.recurring) throw new BookingError("series");
  if (isSameInterval(event, booking)) return event;
  await ledger.follow(booking, event);
  throw new BookingMovedByHand({ ...booking, start: event.start, end: event.end });
}
