import { createClock, findSlots, type Interval, type LocalDate, type SlotQuery } from "@cita/scheduling";
import type { BusyTimes } from "../calendars/calendar.ts";
import type { Schedule } from "../schedules/default-schedule.ts";

const minute = 60_000;
const day = 86_400_000;

/** The rules of one question: what `findSlots` and `refuseStart` are both asked with. */
export type Rules = Omit<SlotQuery, "from" | "days">;

export function rulesFor(
  schedule: Schedule,
  durationMs: number,
  reading: BusyTimes,
  ours: readonly Interval[],
  now: number,
): Rules {
  return {
    clock: createClock(reading.timeZone),
    weeklyHours: schedule.weeklyHours,
    policy: {
      durationMs,
      intervalMs: schedule.slotIntervalMinutes * minute,
      minimumNoticeMs: schedule.minimumNoticeMinutes * minute,
      horizonMs: schedule.horizonDays * day,
    },
    busy: [...reading.busy, ...ours],
    now,
  };
}

/** How many days past those asked for a reading of the calendar covers, to name other free times. */
export const lookaheadDays = 7;

/**
 * Two instants that surely enclose the dates in any time zone, for the one reading that is made
 * before the calendar has told its zone.
 */
export function spanAround(from: LocalDate, days: number): Interval {
  const midnight = Date.parse(`${from}T00:00:00Z`);
  return { start: midnight - day, end: midnight + (days + 1) * day };
}

/** The free starts nearest to a wanted one, in order of time, none before its day. */
export function nearestStarts(rules: Rules, wanted: number, days: number, most: number): number[] {
  const { starts } = findSlots({ ...rules, from: rules.clock.dateAt(wanted), days });
  return [...starts]
    .sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))
    .slice(0, most)
    .sort((a, b) => a - b);
}
