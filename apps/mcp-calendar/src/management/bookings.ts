import type { BookingsPage, BookingsQuery, BookingView } from "@cita/calendar-api";
import { createClock, sayTime } from "@cita/scheduling";
import type { Booking } from "../bookings/booking.ts";
import type { BookingPosition, Ledger } from "../bookings/ledger.ts";
import { createPageCursor, cutPage } from "./page-cursor.ts";

/** What admin-api may know of customers' bookings: what the ledger has, also while the calendar is out of reach. */
export type CustomerBookings = {
  /** @throws InvalidCursorError */
  page(customerId: string, query: BookingsQuery): Promise<BookingsPage>;
};

type Deps = { ledger: Ledger; now: () => number };

export function createCustomerBookings({ ledger, now }: Deps): CustomerBookings {
  return {
    async page(customerId, query) {
      const { to, status, limit } = query;
      const found = await ledger.page(customerId, {
        after: beginningOf(query, now()),
        until: to === undefined ? undefined : Date.parse(to),
        status,
        most: limit + 1,
      });
      const { shown, next_cursor } = cutPage(found, limit, positionCursor.write);
      return { bookings: shown.map(viewOf), next_cursor };
    },
  };
}

const positionCursor = createPageCursor<BookingPosition>({
  write: ({ start, id }) => `${start} ${id}`,
  read(text) {
    const [, start, id] = /^(-?\d+) ([0-9a-f]+)$/.exec(text) ?? [];
    return start === undefined || id === undefined ? undefined : { start: Number(start), id };
  },
});

/** Where the last page ended is also later than the "now" it began at, which has moved on since. */
function beginningOf({ from, cursor }: BookingsQuery, now: number): BookingPosition {
  const reached = cursor === undefined ? undefined : positionCursor.read(cursor);
  const start = from === undefined ? (reached?.start ?? now) : Date.parse(from);
  return reached !== undefined && reached.start >= start ? reached : { start, id: "" };
}

function viewOf(booking: Booking): BookingView {
  const { attendee } = booking;
  const clock = createClock(booking.timeZone ?? "UTC");
  return {
    booking_id: booking.id,
    status: booking.status === "cancelled" ? "cancelled" : "confirmed",
    start: sayTime(clock, booking.start).iso,
    end: sayTime(clock, booking.end).iso,
    time_zone: clock.timeZone,
    service: booking.service,
    attendee_name: attendee.name,
    attendee_phone: attendee.phone,
    attendee_email: attendee.email,
    attendee_ref: attendee.ref,
    notes: booking.notes,
    event_id: booking.eventId,
    meet_link: booking.meetLink,
    created_at: new Date(booking.createdAt).toISOString(),
    updated_at: new Date(booking.updatedAt).toISOString(),
  };
}
