import type { LocalDate, ZoneClock } from "@cita/scheduling";

/**
 * How many of ascending starts an answer holds, and the first date that is left over. A day is never cut
 * in two, so that asking on from that date misses and repeats nothing; the first day is told however long it is.
 */
export function wholeDays(
  clock: ZoneClock,
  starts: readonly number[],
  most: number,
): { count: number; rest?: LocalDate } {
  if (starts.length <= most) return { count: starts.length };
  const dates = starts.map((start) => clock.dateAt(start));
  const count = Math.max(dates.indexOf(dates[most] ?? ""), dates.lastIndexOf(dates[0] ?? "") + 1);
  return { count, rest: dates[count] };
}
