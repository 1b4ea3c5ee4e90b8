import type { Schedule } from "@cita/calendar-api";
import type { NewEvent } from "../calendars/calendar.ts";
import type { Booking } from "./booking.ts";

/** A booking as the business sees it in its calendar. */
export function eventOf(booking: Booking, schedule: Schedule, timeZone: string): NewEvent {
  const { attendee, notes } = booking;
  const service = schedule.services.find(({ id }) => id === booking.service);
  const lines = [
    attendee.phone && `Phone: ${sayPhone(attendee)}`,
    attendee.email && `E-mail: ${attendee.email}`,
    notes && `Notes: ${notes}`,
    `Booked by Cita (${booking.id})`,
  ];
  return {
    id: booking.eventId,
    bookingId: booking.id,
    start: booking.start,
    end: booking.end,
    timeZone,
    title: `${attendee.name} · ${service?.name ?? booking.service}`,
    description: escapeHtml(lines.filter(Boolean).join("\n")),
    invite:
      schedule.invite_attendees && attendee.email !== null
        ? { email: attendee.email, name: attendee.name }
        : null,
    withMeetLink: schedule.add_meet_link,
  };
}

/** What was written stands beside the form that is searched by, where it has other digits. */
function sayPhone({ phone, phoneWritten }: Booking["attendee"]): string {
  const isTheSame = phoneWritten?.replaceAll(/\D/g, "") === phone?.slice(1);
  return phoneWritten === null || isTheSame ? `${phone}` : `${phone} (${phoneWritten})`;
}

/** Calendars show descriptions as HTML: what a person wrote must neither be a link nor look like a line of ours. */
function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
