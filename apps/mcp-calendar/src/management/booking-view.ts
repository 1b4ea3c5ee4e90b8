import type { BookingView } from "@cita/calendar-api";
import { createClock, formatTime } from "@cita/scheduling";
import { type Booking, isStranded, wasConfirmed } from "../bookings/booking.ts";
import type { BookingPosition } from "../bookings/ledger.ts";
import { createPageCursor } from "./page-cursor.ts";

/** Where a page of bookings ended. */
export const positionCursor = createPageCursor<BookingPosition>({
  write: ({ start, id }) => `${start} ${id}`,
  read(text) {
    const [, start, id] = /^(-?\d+) ([0-9a-f]+)$/.exec(text) ?? [];
    return start === undefined || id === undefined ? undefined : { start: Number(start), id };
  },
});

export function isAheadAndStranded(booking: Booking, connected: string | null, now: number): boolean {
  return booking.status === "confirmed" && booking.start > now && isStranded(booking, connected);
}

/** What a hold has not yet. */
const notWritten = { timeZone: "UTC", meetLink: null, invitation: null };

/** A booking as admins are shown it. */
export function viewOf(booking: Booking, stranded: boolean): BookingView {
  const { attendee } = booking;
  const { timeZone, meetLink, invitation } = wasConfirmed(booking) ? booking : notWritten;
  const clock = createClock(timeZone);
  return {
    booking_id: booking.id,
    status: booking.status === "cancelled" ? "cancelled" : "confirmed",
    start: formatTime(clock, booking.start).iso,
    end: formatTime(clock, booking.end).iso,
    time_zone: clock.timeZone,
    service: booking.service,
    attendee_name: attendee.name,
    attendee_phone: attendee.phone,
    attendee_phone_written: attendee.phoneWritten,
    attendee_email: attendee.email,
    attendee_ref: attendee.ref,
    notes: booking.notes,
    event_id: booking.eventId,
    meet_link: meetLink,
    invitation: invitation,
    stranded,
    created_at: new Date(booking.createdAt).toISOString(),
    updated_at: new Date(booking.updatedAt).toISOString(),
  };
}
