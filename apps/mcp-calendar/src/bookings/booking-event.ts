import type { Schedule } from "@cita/calendar-api";
import type { NewEvent } from "../calendars/calendar.ts";
import { languageOf } from "../language/language-of.ts";
import { serviceName } from "../language/service-name.ts";
import { wordsOf } from "../language/words.ts";
import type { Booking } from "./booking.ts";

/** A booking as the business sees it in its calendar, in its own language. */
export function eventOf(booking: Booking, schedule: Schedule, timeZone: string): NewEvent {
  const { attendee, notes } = booking;
  const words = wordsOf(languageOf(schedule, timeZone));
  const service = schedule.services.find(({ id }) => id === booking.service);
  const lines = [
    attendee.phone && `${words.event.phone}: ${sayPhone(attendee)}`,
    attendee.email && `${words.event.email}: ${attendee.email}`,
    notes && `${words.event.notes}: ${notes}`,
    `${words.event.bookedBy} (${booking.id})`,
  ];
  return {
    id: booking.eventId,
    bookingId: booking.id,
    start: booking.start,
    end: booking.end,
    timeZone,
    title: `${attendee.name} · ${service === undefined ? booking.service : serviceName(service, words)}`,
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
