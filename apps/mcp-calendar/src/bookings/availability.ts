import type { Schedule, ScheduleService } from "@cita/calendar-api";
import {
  createClock,
  findSlots,
  type Interval,
  type LocalDate,
  localMidnight,
  type SlotQuery,
  type ZoneClock,
} from "@cita/scheduling";
import type { Holidays } from "../schedules/holidays.ts";
import { readOpeningHours } from "../schedules/opening-hours.ts";
import { type Occupancy, type OccupancyDeps, type OccupancyQuestion, readOccupancy } from "./occupancy.ts";

const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;

/** The rules of one question: what `findSlots` and `refuseStart` are both asked with. */
export type Rules = Omit<SlotQuery, "from" | "days">;

export type AvailabilityDeps = OccupancyDeps & {
  holidays: Holidays;
  /** The calendar's own zone as it was last read. */
  knownTimeZoneOf(customerId: string): Promise<string | undefined>;
  now: () => number;
};

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

/** What the schedule alone says: nothing is busy and nothing is booked. The calendar is read only for a zone that isn't known. */
export async function readScheduleRules(
  deps: AvailabilityDeps,
  question: OccupancyQuestion,
  appointment: Appointment,
): Promise<Rules> {
  const { customerId, schedule } = question;
  const known = await knownZoneOf(deps, customerId, schedule);
  const timeZone = known ?? (await timeZoneOf(deps, customerId, schedule));
  return rulesOf(deps, question, appointment, { timeZone, busy: [], bookings: [], shown: [] });
}

/** The schedule's zone, or the calendar's own as far as it is known without a reading. */
export async function knownZoneOf(
  { knownTimeZoneOf }: AvailabilityDeps,
  customerId: string,
  schedule: Schedule,
): Promise<string | undefined> {
  return schedule.time_zone ?? (await knownTimeZoneOf(customerId));
}

/** Whole dates, in the business's zone. */
export type Dates = { readonly from: LocalDate; readonly days: number };

/** The rules of whole dates, by a reading of no more than bears on them. @throws CalendarError */
export async function readDayRules(
  deps: AvailabilityDeps,
  { customerId, schedule }: Pick<OccupancyQuestion, "customerId" | "schedule">,
  appointment: Appointment,
  dates: Dates,
): Promise<Rules> {
  const ask = (span: Interval) => readRules(deps, { customerId, schedule, span, fresh: false }, appointment);
  const known = await knownZoneOf(deps, customerId, schedule);
  if (known === undefined) return ask(spanInAnyZone(dates));
  const rules = await ask(spanOfDates(createClock(known), dates, appointment));
  if (rules.clock.timeZone === known) return rules;
  return ask(spanOfDates(rules.clock, dates, appointment));
}

export async function rulesOf(
  deps: AvailabilityDeps,
  { schedule, span }: OccupancyQuestion,
  { service, durationMs }: Appointment,
  { timeZone, busy, bookings }: Occupancy,
): Promise<Rules> {
  return {
    clock: createClock(schedule.time_zone ?? timeZone),
    hours: await readOpeningHours(schedule, deps.holidays, span),
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

/** How many days past those asked for other free times are looked for. */
export const lookaheadDays = 7;

/** The farthest a zone is from UTC, and the longest buffer or appointment. */
const margin = 1.5 * day;

/** What surely bears on the dates in any time zone, for the reading that tells it. */
function spanInAnyZone({ from, days }: Dates): Interval {
  const midnight = localMidnight(from);
  return { start: midnight - margin, end: midnight + days * day + margin };
}

/** What bears on appointments that start on the dates. Rounded, so that those who ask for various services share a reading. */
function spanOfDates(
  clock: ZoneClock,
  { from, days }: Dates,
  { service, durationMs }: Appointment,
): Interval {
  const midnight = localMidnight(from);
  const start = clock.opening(midnight) - service.buffer_before_minutes * minute;
  const end = clock.opening(midnight + days * day) + durationMs + service.buffer_after_minutes * minute;
  return { start: Math.floor(start / roundedMs) * roundedMs, end: Math.ceil(end / roundedMs) * roundedMs };
}

const roundedMs = 6 * hour;

/** What bears on the dates around a wanted start, with the days in which other times are looked for. */
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
