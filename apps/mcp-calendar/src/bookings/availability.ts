import type { Schedule, ScheduleService } from "@cita/calendar-api";
import {
  createClock,
  findSlots,
  type Interval,
  type LocalDate,
  localMidnight,
  type SlotQuery,
} from "@cita/scheduling";
import type { Holidays } from "../schedules/holidays.ts";
import { openingHoursOf } from "../schedules/opening-hours.ts";
import { type Occupancy, type OccupancyDeps, type OccupancyQuestion, readOccupancy } from "./occupancy.ts";

const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;

/** The rules of one question: what `findSlots` and `refuseStart` are both asked with. */
export type Rules = Omit<SlotQuery, "from" | "days">;

export type AvailabilityDeps = OccupancyDeps & { holidays: Holidays; now: () => number };

/** What is to be booked: a service, for its own length or another. */
export type Appointment = { readonly service: ScheduleService; readonly durationMs: number };

/** @throws CalendarError: a calendar that can't be read is never an empty one. */
export async function readRules(
  deps: AvailabilityDeps,
  question: OccupancyQuestion,
  appointment: Appointment,
): Promise<Rules> {
  return rulesOf(deps, question, appointment, await readOccupancy(deps, question));
}

export async function rulesOf(
  deps: AvailabilityDeps,
  { schedule, span }: OccupancyQuestion,
  { service, durationMs }: Appointment,
  { timeZone, busy, bookings }: Occupancy,
): Promise<Rules> {
  return {
    clock: createClock(schedule.time_zone ?? timeZone),
    hours: await openingHoursOf(schedule, deps.holidays, span),
    policy: {
      durationMs,
      intervalMs: schedule.slot_interval_minutes * minute,
      minimumNoticeMs: schedule.minimum_notice_minutes * minute,
      horizonMs: schedule.horizon_days * day,
      bufferBeforeMs: service.buffer_before_minutes * minute,
      bufferAfterMs: service.buffer_after_minutes * minute,
      capacity: service.capacity,
      maxPerDay: schedule.max_bookings_per_day,
      maxPerWeek: schedule.max_bookings_per_week,
    },
    busy,
    bookings: bookings.map((booking) => ({
      ...booking,
      seat: booking.service === service.id ? booking.seat : null,
    })),
    now: deps.now(),
  };
}

/** The schedule's zone, or the calendar's own, which only a reading tells. */
export async function timeZoneOf(
  { calendar, now }: AvailabilityDeps,
  customerId: string,
  schedule: Schedule,
): Promise<string> {
  if (schedule.time_zone !== null) return schedule.time_zone;
  // Whole hours, so that those who ask soon after can share the reading.
  const start = Math.floor(now() / hour) * hour;
  const span = { start, end: start + hour };
  return (await calendar.readRecentBusy({ customerId, span, calendars: ["primary"] })).timeZone;
}

/** How many days past those asked for a reading of the calendar covers, to name other free times. */
export const lookaheadDays = 7;

/** The farthest a zone is from UTC, and the longest buffer or appointment. */
const margin = 1.5 * day;

/**
 * Two instants that surely enclose what bears on the dates in any time zone, for the one reading that is
 * made before the calendar has told its zone. Rounded up to a week, so that questions for neighbouring
 * dates can share a reading.
 */
export function spanAround(from: LocalDate, days: number): Interval {
  const midnight = localMidnight(from);
  const end = midnight + days * day + margin;
  return { start: midnight - margin, end: Math.ceil(end / (7 * day)) * 7 * day };
}

/** The same around a wanted start, with the days in which other times are looked for. */
export function alternativesSpan({ start }: Interval): Interval {
  return { start: start - day - margin, end: start + lookaheadDays * day + margin };
}

/** The free starts nearest to a wanted one, in order of time, none before its day. */
export function nearestStarts(rules: Rules, wanted: number, most: number): number[] {
  const { starts } = findSlots({ ...rules, from: rules.clock.dateAt(wanted), days: lookaheadDays });
  return starts
    .filter((start) => start !== wanted)
    .sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))
    .slice(0, most)
    .sort((a, b) => a - b);
}
