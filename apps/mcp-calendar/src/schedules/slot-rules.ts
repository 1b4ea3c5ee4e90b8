/** A schedule in the terms of `packages/scheduling`, and the spans that have to be read to answer questions about it. */

import type { Schedule, ScheduleService } from "@cita/calendar-api";
import {
  dayMs,
  hourMs,
  type Interval,
  type LocalDate,
  localMidnight,
  minuteMs,
  type OpeningHours,
  type OpeningWindow,
  type SlotPolicy,
  type ZoneClock,
} from "@cita/scheduling";
import type { Holidays } from "./holidays.ts";

/** A service of the schedule, for its own length or another. */
export type ServiceChoice = { readonly service: ScheduleService; readonly durationMs: number };

/** The service with the id; without one, the first. */
export function findService({ services }: Schedule, id: string | undefined): ScheduleService | undefined {
  return id === undefined ? services[0] : services.find((one) => one.id === id);
}

/** Whole dates, in the business's time zone. */
export type Dates = { readonly from: LocalDate; readonly days: number };

export function toSlotPolicy(schedule: Schedule, { service, durationMs }: ServiceChoice): SlotPolicy {
  return {
    durationMs,
    intervalMs: schedule.slot_interval_minutes * minuteMs,
    minimumNoticeMs: schedule.minimum_notice_minutes * minuteMs,
    horizonMs: schedule.horizon_days * dayMs,
    pausedUntil: pauseOf(schedule),
    bufferBeforeMs: service.buffer_before_minutes * minuteMs,
    bufferAfterMs: service.buffer_after_minutes * minuteMs,
    capacity: service.capacity,
    maxPerDay: schedule.max_bookings_per_day,
    maxPerWeek: schedule.max_bookings_per_week,
  };
}

/** The instant until which a business pauses, in epoch milliseconds. */
export function pauseOf({ paused_until }: Schedule): number | null {
  return paused_until === null ? null : Date.parse(paused_until);
}

/** The hours of a schedule over a span: a public holiday closes its date unless the date has hours of its own. */
export async function readOpeningHours(
  schedule: Schedule,
  holidays: Holidays,
  span: Interval,
): Promise<OpeningHours> {
  const overrides = new Map<LocalDate, readonly OpeningWindow[]>();
  const { country, region } = schedule.holidays;
  if (country !== null) {
    const dates = await holidays.readDates({ country, region }, yearOf(span.start), yearOf(span.end));
    for (const date of dates) overrides.set(date, []);
  }
  for (const { date, windows } of schedule.date_overrides) overrides.set(date, windows);
  return { weekly: schedule.weekly_hours, overrides };
}

function yearOf(instant: number): number {
  return new Date(instant).getUTCFullYear();
}

/** How many days after the requested ones are searched for alternatives. */
export const lookaheadDays = 7;

/** More than the largest UTC offset and the longest buffer or appointment together. */
const marginMs = 1.5 * dayMs;

/** What bears on the dates in any time zone, for the reading that shows the zone. */
export function spanInAnyZone({ from, days }: Dates): Interval {
  const midnight = localMidnight(from);
  return { start: midnight - marginMs, end: midnight + days * dayMs + marginMs };
}

/** What bears on appointments that start on the dates, rounded so that questions about different services share a reading. */
export function spanOfDates(
  clock: ZoneClock,
  { from, days }: Dates,
  { service, durationMs }: ServiceChoice,
): Interval {
  const midnight = localMidnight(from);
  const start = clock.opening(midnight) - service.buffer_before_minutes * minuteMs;
  const end = clock.opening(midnight + days * dayMs) + durationMs + service.buffer_after_minutes * minuteMs;
  return { start: Math.floor(start / roundedMs) * roundedMs, end: Math.ceil(end / roundedMs) * roundedMs };
}

const roundedMs = 6 * hourMs;

/** What bears on the date of a requested start, and on the days that are searched for alternatives. */
export function spanOfAlternatives({ start }: Interval): Interval {
  return { start: start - dayMs - marginMs, end: start + lookaheadDays * dayMs + marginMs };
}

/** The span in which bookings count for the limits of a schedule: whole dates, or whole weeks, in any time zone. */
export function spanOfLimits(schedule: Schedule, { start, end }: Interval): Interval {
  const { max_bookings_per_day, max_bookings_per_week } = schedule;
  const around = max_bookings_per_week !== null ? 8 * dayMs : max_bookings_per_day !== null ? 2 * dayMs : 0;
  return { start: start - around, end: end + around };
}
