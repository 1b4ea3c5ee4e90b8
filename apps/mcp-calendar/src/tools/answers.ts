/** What the tools' results have in common: times with the weekday written out, bookings, and lists that are cut. */

import {
  createClock,
  createTimeFormatter,
  type Language,
  type LocalDate,
  type TimeFormatter,
  type ZoneClock,
} from "@cita/scheduling";
import { z } from "zod";
import type { CancelledBooking, ConfirmedBooking } from "../bookings/booking.ts";
import { wordsOf } from "../language/language.ts";

/** A start with its weekday and label, so that nobody mistakes the day. */
export function formatStart(format: TimeFormatter, start: number) {
  const { iso, weekday, label } = format(start);
  return { start: iso, weekday, label };
}

export function formatPeriod(format: TimeFormatter, start: number, end: number) {
  const { iso, weekday, label } = format(start);
  return { start: iso, end: format(end).iso, weekday, label };
}

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

/** The result of a change, without the members that only `book` returns. */
export const changeAnswer = bookingAnswer.omit({
  service: true,
  event_id: true,
  meet_link: true,
  note: true,
});

type AnsweredBooking = ConfirmedBooking | CancelledBooking;

export function toChangeAnswer(booking: AnsweredBooking, language: Language): z.output<typeof changeAnswer> {
  const { id, status, start, end, timeZone, attendee } = booking;
  const period = formatPeriod(createTimeFormatter(createClock(timeZone), language), start, end);
  return {
    booking_id: id,
    status,
    start: period.start,
    end: period.end,
    timezone: timeZone,
    weekday: period.weekday,
    label: period.label,
    attendee_name: attendee.name,
  };
}

export function toBookingAnswer(
  booking: AnsweredBooking,
  language: Language,
): z.output<typeof bookingAnswer> {
  const { attendee_name, ...change } = toChangeAnswer(booking, language);
  const { invitation } = booking;
  const { invitationNotes } = wordsOf(language);
  const note = invitation === "refused" || invitation === "pending" ? invitationNotes[invitation] : undefined;
  return {
    ...change,
    service: booking.service,
    attendee_name,
    event_id: booking.eventId,
    ...(booking.meetLink !== null && { meet_link: booking.meetLink }),
    ...(note !== undefined && { note }),
  };
}

/**
 * How many of ascending starts a result has, and the first date that is left over. No day is cut in two, so that asking
 * again from that date neither misses nor repeats any. The first day is whole even if it exceeds `maxStarts`.
 */
export function cutToWholeDays(
  clock: ZoneClock,
  starts: readonly number[],
  maxStarts: number,
): { count: number; rest?: LocalDate | undefined } {
  if (starts.length <= maxStarts) return { count: starts.length };
  const dates = starts.map((start) => clock.dateAt(start));
  const count = Math.max(dates.indexOf(dates[maxStarts] ?? ""), dates.lastIndexOf(dates[0] ?? "") + 1);
  return { count, rest: dates[count] };
}
