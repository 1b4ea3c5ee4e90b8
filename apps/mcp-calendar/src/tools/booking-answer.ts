import { createClock, createTimeFormatter, type Language } from "@cita/scheduling";
import { z } from "zod";
import type { PlacedBooking } from "../bookings/book-appointment.ts";

/** An appointment as tools tell of it: the day is said in words, so that nobody can get it wrong. */
export const bookingAnswer = z.object({
  booking_id: z.string(),
  status: z.enum(["confirmed", "cancelled"]),
  start: z.string(),
  end: z.string(),
  timezone: z.string(),
  weekday: z.string(),
  label: z.string(),
  service: z.string(),
  attendee_name: z.string(),
  event_id: z.string(),
  meet_link: z.string().optional(),
  note: z.string().optional(),
});

/** What has changed about an appointment; the rest was told when it was booked. */
export const changeAnswer = bookingAnswer.omit({
  service: true,
  event_id: true,
  meet_link: true,
  note: true,
});

export function answerChange(booking: PlacedBooking, language: Language): z.output<typeof changeAnswer> {
  const {
    service: _,
    event_id: __,
    meet_link: ___,
    note: ____,
    ...change
  } = answerBooking(booking, language);
  return change;
}

/** For the model, so in English. */
const uninvited =
  "The appointment stands, but no e-mail invitation could be sent: tell the person the weekday, date and time yourself.";

export function answerBooking(booking: PlacedBooking, language: Language): z.output<typeof bookingAnswer> {
  const tell = createTimeFormatter(createClock(booking.timeZone), language);
  const { iso, weekday, label } = tell(booking.start);
  return {
    booking_id: booking.id,
    status: booking.status === "cancelled" ? "cancelled" : "confirmed",
    start: iso,
    end: tell(booking.end).iso,
    timezone: booking.timeZone,
    weekday,
    label,
    service: booking.service,
    attendee_name: booking.attendee.name,
    event_id: booking.eventId,
    ...(booking.meetLink !== null && { meet_link: booking.meetLink }),
    ...(booking.invitation === "refused" && { note: uninvited }),
  };
}
