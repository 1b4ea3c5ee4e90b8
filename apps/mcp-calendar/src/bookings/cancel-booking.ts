import type { Schedule } from "@cita/calendar-api";
import { isSameInterval } from "@cita/scheduling";
import { CalendarError } from "../calendars/calendar.ts";
import type { AvailabilityDeps } from "./availability.ts";
import type { PlacedBooking } from "./book-appointment.ts";
import { type Booking, BookingError } from "./booking.ts";
import { eventOfBooking, expectAhead, expectUnchanged, type StandingEvent } from "./standing-booking.ts";

/**
 * Takes the booking's event out of the calendar, and then the booking out of the ledger. Where a crash
 * comes between, the next reading lets the ledger follow. Cancelling again answers the same again.
 *
 * @throws BookingError `not_found`, `begun`, `series`; BookingMovedByHand, CalendarError
 */
export async function cancelBooking(
  deps: AvailabilityDeps,
  schedule: Schedule,
  customerId: string,
  bookingId: string,
): Promise<PlacedBooking> {
  const found = await deps.ledger.find(customerId, bookingId);
  if (found?.status !== "confirmed" && found?.status !== "cancelled") throw new BookingError("not_found");
  if (found.status === "confirmed") {
    await removeEvent(deps, schedule, found);
    await deps.ledger.cancel(found);
  }
  // A move that ended meanwhile has given it another time.
  const { start, end } = (await deps.ledger.find(customerId, bookingId)) ?? found;
  return {
    ...found,
    start,
    end,
    status: "cancelled",
    timeZone: schedule.time_zone ?? found.timeZone ?? "UTC",
  };
}

async function removeEvent(deps: AvailabilityDeps, schedule: Schedule, booking: Booking): Promise<void> {
  const event = await eventOfBooking(deps, booking);
  if (event.kind === "gone") return;
  if (event.kind === "standing") await expectOursToCancel(deps, booking, event);
  expectAhead(deps, booking);
  if (event.kind === "standing" && (await deps.calendar.removeEvent(booking.customerId, booking.eventId)))
    return;
  await expectAbsent(deps, schedule, booking);
}

/** Where it stands, or where a move of ours has put it, be that settled by now or not. */
async function expectOursToCancel(
  deps: AvailabilityDeps,
  booking: Booking,
  event: StandingEvent,
): Promise<void> {
  const { ledger } = deps;
  const places = [booking, await ledger.moveOf(booking), await ledger.find(booking.customerId, booking.id)];
  if (!event.recurring && places.some((place) => place !== undefined && isSameInterval(event, place))) return;
  await expectUnchanged(deps, booking, event);
}

/** "Not found" may pass: it is believed where the event itself is gone, or a reading doesn't show it either. */
async function expectAbsent(deps: AvailabilityDeps, schedule: Schedule, booking: Booking): Promise<void> {
  if ((await eventOfBooking(deps, booking)).kind === "gone") return;
  const { customerId, start, end } = booking;
  const asked = { customerId, span: { start, end }, calendars: schedule.busy_calendars };
  const { busy } = await deps.calendar.readBusy(asked);
  if (!busy.some(({ eventId }) => eventId === booking.eventId)) return;
  throw new CalendarError("calendar_unavailable", "the event is shown and can't be found");
}
