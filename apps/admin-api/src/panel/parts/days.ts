/** Dates and wall times of a business, whatever the server's and the browser's time zones are. */

import { addDays } from "@cita/scheduling";

/** `2027-01-18`. */
export type DateText = string;

/** The date in a time zone. */
export function dateIn(timeZone: string, at: number): DateText {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(at);
}

/** The date of a time with its offset, by the offset. */
export function dateOf(iso: string): DateText {
  return iso.slice(0, 10);
}

/** `09:00` of a time with its offset, by the offset. */
export function wallTimeOf(iso: string): string {
  return iso.slice(11, 16);
}

/** The Monday of a date's week. */
export function mondayOf(date: DateText): DateText {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return addDays(date, -((weekday + 6) % 7));
}
