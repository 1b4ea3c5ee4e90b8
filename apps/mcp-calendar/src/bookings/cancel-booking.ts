import type { Schedule } from "@cita/calendar-api";
import type { AvailabilityDeps } from "./availability.ts";
import type { PlacedBooking } from "./book-appointment.ts";
import { BookingError } from "./booking.ts";
import { invites } from "./booking-event.ts";

/**
 * Takes the booking's event out of the calendar, and then the booking out of the ledger. Where a crash
 * comes between, the next reading lets the ledger follow. Cancelling again answers the same again.
 *
 * @throws BookingError `not_found`, `begun`; CalendarError
 */
export async function cancelBooking(
  { calendar, ledger, now }: AvailabilityDeps,
  schedule: Schedule,
  customerId: string,
  bookingId: string,
): Promise<PlacedBooking> {
  const found = await ledger.find(customerId, bookingId);
  if (found?.status !== "confirmed" && found?.status !== "cancelled") throw new BookingError("not_found");
  const booking = { ...found, status: "cancelled" as const, timeZone: found.timeZone ?? "UTC" };
  if (found.status === "cancelled") return booking;
  if (found.start <= now()) throw new BookingError("begun");
  const event = { id: booking.eventId, notify: invites(schedule, booking) };
  await calendar.removeEvent(customerId, event);
  await ledger.cancel(booking);
  // A move that ended meanwhile has given it another time.
  const cancelled = await ledger.find(customerId, bookingId);
  return { ...booking, ...(cancelled && { start: cancelled.start, end: cancelled.end }) };
}
