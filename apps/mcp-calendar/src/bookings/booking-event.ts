import type { Schedule } from "@cita/calendar-api";
import type { Invitation, NewEvent } from "../calendars/calendar.ts";
import { businessLanguage, serviceName, wordsOf } from "../language/language.ts";
import type { Attendee, Booking, ConfirmedBooking } from "./booking.ts";

/** What an event contains of its booking. */
export type EventContent = Pick<Booking, "id" | "start" | "end" | "service" | "attendee" | "notes">;

/** What an event is written by, besides its content. */
export type EventTerms = {
  readonly schedule: Schedule;
  readonly timeZone: string;
  /** Our mark on the event: the id of the hold that it is written for. */
  readonly mark: string;
  readonly withMeetLink: boolean;
};

/** Whether a business has the provider invite an attendee. */
export function invitesAttendee({ invite_attendees }: Schedule, { email }: Pick<Attendee, "email">): boolean {
  return invite_attendees && email !== null;
}

/** A booking as the business sees it in its calendar, in its own language. */
export function toCalendarEvent(
  booking: EventContent,
  { schedule, timeZone, mark, withMeetLink }: EventTerms,
): NewEvent {
  const { attendee, notes } = booking;
  const words = wordsOf(businessLanguage(schedule, timeZone));
  const isInvited = invitesAttendee(schedule, attendee);
  // Providers mail title and description to the guest. Anybody may have given the address, so the event has no free text.
  const name = isInvited ? toPlainName(attendee.name) : breakLinks(attendee.name);
  const service = schedule.services.find(({ id }) => id === booking.service);
  const lines = [
    attendee.phone && `${words.event.phone}: ${formatPhone(attendee)}`,
    attendee.email && `${words.event.email}: ${attendee.email}`,
    !isInvited && notes && `${words.event.notes}: ${breakLinks(notes)}`,
    `${words.event.bookedBy} (${booking.id})`,
  ];
  return {
    bookingId: mark,
    start: booking.start,
    end: booking.end,
    timeZone,
    title: `${name} · ${service === undefined ? booking.service : serviceName(service, words)}`,
    description: escapeHtml(lines.filter(Boolean).join("\n")),
    withMeetLink,
  };
}

/** The invitation to a booking's event; undefined: the attendee's address has been erased. */
export function toInvitation({ eventId, mark, attendee }: ConfirmedBooking): Invitation | undefined {
  const { email, name } = attendee;
  return email === null ? undefined : { eventId, bookingId: mark, email, name: toPlainName(name) };
}

/** The E.164 form, followed by the written form where its digits differ. */
function formatPhone({ phone, phoneWritten }: EventContent["attendee"]): string {
  const isTheSame = phoneWritten?.replaceAll(/\D/g, "") === phone?.slice(1);
  return phoneWritten === null || isTheSame ? `${phone}` : `${phone} (${phoneWritten})`;
}

/** Calendars show descriptions as HTML. Text that somebody wrote must not become a link or a line of ours. */
function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Calendars and mail programs turn plain addresses into links. `[:]` and `[.]` are the "defanged" spelling that security
 * tools use for addresses which nobody should follow.
 */
function breakLinks(text: string): string {
  return text
    .replaceAll(/:(?=\/\/)/g, "[:]")
    .replaceAll(/(?<=\bwww)\.(?=\S)/gi, "[.]")
    .replaceAll(bareDomain, "[.]");
}

/**
 * The dot before a top-level domain that is rarely a sentence's first word, or before any name that a path follows.
 * Dots of e-mail addresses stay.
 */
const bareDomain =
  /(?<=[\p{L}\p{N}])(?<!@[\p{L}\p{N}.-]{0,100})\.(?=(?:com|net|org|info|biz|co|io|me|ly|gl|gg|app|dev|xyz|top|link|click|site|online|shop|store|live|ru|cn|tk|zip|mov|[a-z]{2,24}\/)(?![\p{L}\p{N}]))/giu;

/** A name reduced to letters, digits, apostrophes and hyphens: neither an address nor a sentence. */
function toPlainName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{M}\p{N}'\u2019-]+/gu, " ").trim();
}
