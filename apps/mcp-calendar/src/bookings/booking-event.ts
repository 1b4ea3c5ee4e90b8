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
  const invited = schedule.invite_attendees ? attendee.email : null;
  // Google mails title and description to the guest, whose address anybody may have given: no words of a stranger.
  const name = invited === null ? breakLinks(attendee.name) : lettersOf(attendee.name);
  const service = schedule.services.find(({ id }) => id === booking.service);
  const lines = [
    attendee.phone && `${words.event.phone}: ${sayPhone(attendee)}`,
    attendee.email && `${words.event.email}: ${attendee.email}`,
    invited === null && notes && `${words.event.notes}: ${breakLinks(notes)}`,
    `${words.event.bookedBy} (${booking.id})`,
  ];
  return {
    id: booking.eventId,
    bookingId: booking.id,
    start: booking.start,
    end: booking.end,
    timeZone,
    title: `${name} · ${service === undefined ? booking.service : serviceName(service, words)}`,
    description: escapeHtml(lines.filter(Boolean).join("\n")),
    invite: invited === null ? null : { email: invited, name },
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

/**
 * Calendars and mail programs make links of addresses, also of such that nobody marked as one. `[:]` and `[.]` are
 * how addresses are written that nobody is to follow.
 */
function breakLinks(text: string): string {
  return text
    .replaceAll(/:(?=\/\/)/g, "[:]")
    .replaceAll(/(?<=\bwww)\.(?=\S)/gi, "[.]")
    .replaceAll(bareDomain, "[.]");
}

/** The dot before what is a top-level domain far more often than the next sentence's first word, or before a path. Not in an e-mail address. */
const bareDomain =
  /(?<=[\p{L}\p{N}])(?<!@[\p{L}\p{N}.-]{0,100})\.(?=(?:com|net|org|info|biz|co|io|me|ly|gl|gg|app|dev|xyz|top|link|click|site|online|shop|store|live|ru|cn|tk|zip|mov|[a-z]{2,24}\/)(?![\p{L}\p{N}]))/giu;

/** A name without what makes addresses and sentences. */
function lettersOf(name: string): string {
  return name.replaceAll(/[^\p{L}\p{M}\p{N}'\u2019-]+/gu, " ").trim();
}
