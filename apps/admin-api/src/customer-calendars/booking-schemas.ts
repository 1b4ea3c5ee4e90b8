import {
  type AttendeeErasure,
  attendeeErasure,
  attendeeExport,
  type BookingsPage,
  type BookingView,
  bookingId,
  bookingsPage,
  bookingView,
} from "@cita/calendar-api";
import { ofCustomer } from "./schemas.ts";

export const haircut: BookingView = {
  booking_id: "5f0c2a9d4be14c0f8d3a7b61e2c94d08",
  status: "confirmed",
  start: "2027-01-19T16:00:00-05:00",
  end: "2027-01-19T16:45:00-05:00",
  time_zone: "America/Bogota",
  service: "haircut",
  attendee_name: "Ana Pérez",
  attendee_phone: "+573001234567",
  attendee_phone_written: "+57 300 123 4567",
  attendee_email: null,
  attendee_ref: null,
  notes: "First visit",
  event_id: "cita5f0c2a9d4be14c0f8d3a7b61e2c94d08",
  meet_link: null,
  invitation: null,
  stranded: false,
  created_at: "2027-01-17T23:00:00.000Z",
  updated_at: "2027-01-17T23:00:01.000Z",
};

const onePage: BookingsPage = { bookings: [haircut], next_cursor: null };

export const bookingsResponse = bookingsPage.meta({ examples: [onePage] });

export const changedBooking = bookingView.meta({ examples: [haircut] });

export const exportedAttendee = attendeeExport.meta({
  examples: [
    {
      bookings: [{ ...haircut, moves_booking_id: null, idempotency_key: "wa-3EB0C767D82B" }],
      next_cursor: null,
    },
  ],
});

const erasure: AttendeeErasure = {
  erased: 1,
  calendar_events: [haircut.event_id],
  more_calendar_events: false,
};

export const erasedAttendee = attendeeErasure.meta({ examples: [erasure] });

export const ofBooking = ofCustomer.extend({ booking_id: bookingId });
