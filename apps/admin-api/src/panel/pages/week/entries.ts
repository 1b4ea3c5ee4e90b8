import type { Agenda, BookingView, Period } from "@cita/calendar-api";
import { addDays } from "@cita/scheduling";
import { type DateText, dateOf, wallTimeOf } from "../../parts/days.ts";

/** What a week shows: bookings, what others have put there, and where an agent would offer a time. */
export type Entry = Period &
  (
    | { readonly kind: "busy" }
    | { readonly kind: "free" }
    | { readonly kind: "booking"; readonly booking: BookingView }
  );

/** By time. Free times that overlap or touch are joined: a week with fifty of them side by side shows nothing. */
export function toEntries({ busy, bookings, free }: Agenda): Entry[] {
  const entries: Entry[] = [
    ...joinPeriods(free).map((period) => ({ ...period, kind: "free" as const })),
    ...busy.map((period) => ({ ...period, kind: "busy" as const })),
    ...bookings.map((booking) => ({
      start: booking.start,
      end: booking.end,
      kind: "booking" as const,
      booking,
    })),
  ];
  return entries.sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

/** @param periods by their start. */
function joinPeriods(periods: readonly Period[]): Period[] {
  const joined: Period[] = [];
  for (const { start, end } of periods) {
    const last = joined.at(-1);
    if (last === undefined || Date.parse(start) > Date.parse(last.end)) joined.push({ start, end });
    else if (Date.parse(end) > Date.parse(last.end)) joined[joined.length - 1] = { ...last, end };
  }
  return joined;
}

/** The entries of each date: one that lasts over midnight is in both. */
export function byDate(entries: readonly Entry[], from: DateText, days: number): Map<DateText, Entry[]> {
  const dates = Array.from({ length: days }, (_, i) => addDays(from, i));
  return new Map(
    dates.map((date) => [
      date,
      entries.filter(({ start, end }) => dateOf(start) <= date && lastDateOf(end) >= date),
    ]),
  );
}

/** The last date that an end belongs to: midnight belongs to the day before. */
function lastDateOf(end: string): DateText {
  return wallTimeOf(end) === "00:00" ? addDays(dateOf(end), -1) : dateOf(end);
}

/** From when to when an entry lasts on one of its dates; undefined: the whole day. */
export function timesOn(date: DateText, { start, end }: Period): { from: string; to: string } | undefined {
  const from = dateOf(start) < date ? "00:00" : wallTimeOf(start);
  const isOverMidnight = dateOf(end) > date;
  if (from === "00:00" && isOverMidnight) return undefined;
  return { from, to: isOverMidnight ? "24:00" : wallTimeOf(end) };
}

const earliestShown = 6;
const latestShown = 22;

/** The hours that a week has to show, so that it begins where the day does: whole numbers. */
export function hoursOf(entries: readonly Entry[]): { readonly first: number; readonly last: number } {
  const inside = entries.flatMap((entry) => {
    const isWhole = dateOf(entry.start) === lastDateOf(entry.end);
    if (!isWhole) return [];
    const first = Number(wallTimeOf(entry.start).slice(0, 2));
    const [hour = 0, minute = 0] = wallTimeOf(entry.end).split(":").map(Number);
    const last = wallTimeOf(entry.end) === "00:00" ? 24 : hour + (minute > 0 ? 1 : 0);
    const isOurs = entry.kind !== "busy";
    return isOurs
      ? [{ first, last }]
      : [{ first: Math.max(first, earliestShown), last: Math.min(last, latestShown) }];
  });
  return {
    first: Math.min(9, ...inside.map(({ first }) => first)),
    last: Math.max(17, ...inside.map(({ last }) => last)),
  };
}
