/**
 * What is free. Whoever shows or books a time calls `readAvailability`, whose `reading` says how much of the calendar
 * and the ledger is read; `findSlots` and `refuseStart` of `packages/scheduling` decide by the result.
 */

import type { Schedule } from "@cita/calendar-api";
import {
  createClock,
  dayMs,
  findSlots,
  hourMs,
  type Interval,
  localMidnight,
  type SlotConditions,
} from "@cita/scheduling";
import type { BusyTime } from "../calendars/calendar.ts";
import type { Holidays } from "../schedules/holidays.ts";
import {
  type Dates,
  readOpeningHours,
  type ServiceChoice,
  spanInAnyZone,
  spanOfDates,
  toSlotPolicy,
} from "../schedules/slot-rules.ts";
import { type Occupancy, type OccupancyDeps, readOccupancy, type SpanReading } from "./occupancy.ts";

export type AvailabilityDeps = OccupancyDeps & {
  holidays: Holidays;
  /** The calendar's own time zone as it was last read. */
  findKnownTimeZone(customerId: string): Promise<string | undefined>;
  now: () => number;
};

type Business = { readonly customerId: string; readonly schedule: Schedule };

/** Whose availability is asked for, and for what service. */
export type AvailabilityQuestion = Business & { readonly choice: ServiceChoice };

/** How much is read. */
export type AvailabilityReading =
  /** Only the time zone, and only where it isn't known: what the schedule alone says, with nothing busy. */
  | { readonly kind: "schedule"; readonly span: Interval }
  /** What bears on the dates, maybe a moment old. Nothing where the schedule alone has no start on them. */
  | { readonly kind: "dates"; readonly dates: Dates }
  | SpanReading;

export type Availability = SlotConditions & {
  /** Events of ours that the reading has found. */
  readonly ownEvents: readonly BusyTime[];
};

/** @throws CalendarError: a calendar that can't be read is never an empty one. */
export async function readAvailability(
  deps: AvailabilityDeps,
  question: AvailabilityQuestion,
  reading: AvailabilityReading,
): Promise<Availability> {
  if (reading.kind === "schedule") return readSchedule(deps, question, reading.span);
  if (reading.kind === "dates") return readDates(deps, question, reading.dates);
  return toAvailability(deps, question, reading.span, await readOccupancy(deps, question, reading));
}

/** The business's time zone: the schedule's, or the calendar's own, which is read. @throws CalendarError */
export async function readTimeZone(
  { calendar, now }: AvailabilityDeps,
  { customerId, schedule }: Business,
): Promise<string> {
  if (schedule.time_zone !== null) return schedule.time_zone;
  // Whole hours, so that later callers can share the reading.
  const start = Math.floor(now() / hourMs) * hourMs;
  const span = { start, end: start + hourMs };
  return (await calendar.readRecentBusy({ customerId, span, calendars: ["primary"] })).timeZone;
}

/** The schedule's time zone, or the calendar's own as far as it is known without a reading. */
async function findTimeZone(
  { findKnownTimeZone }: AvailabilityDeps,
  { customerId, schedule }: Business,
): Promise<string | undefined> {
  return schedule.time_zone ?? (await findKnownTimeZone(customerId));
}

async function readSchedule(
  deps: AvailabilityDeps,
  question: AvailabilityQuestion,
  span: Interval,
): Promise<Availability> {
  const timeZone = (await findTimeZone(deps, question)) ?? (await readTimeZone(deps, question));
  return toAvailability(deps, question, span, { timeZone, ...nothingBusy });
}

async function readDates(
  deps: AvailabilityDeps,
  question: AvailabilityQuestion,
  dates: Dates,
): Promise<Availability> {
  const readSpan = (span: Interval) => readAvailability(deps, question, { kind: "recent", span });
  const known = await findTimeZone(deps, question);
  if (known === undefined) return readSpan(spanInAnyZone(dates));
  const midnight = localMidnight(dates.from);
  const span = { start: midnight, end: midnight + dates.days * dayMs };
  const bySchedule = await toAvailability(deps, question, span, { timeZone: known, ...nothingBusy });
  if (findSlots({ ...bySchedule, ...dates }).starts.length === 0) return bySchedule;
  const availability = await readSpan(spanOfDates(createClock(known), dates, question.choice));
  if (availability.clock.timeZone === known) return availability;
  return readSpan(spanOfDates(availability.clock, dates, question.choice));
}

const nothingBusy = { busy: [], bookings: [], ownEvents: [] };

async function toAvailability(
  deps: AvailabilityDeps,
  { schedule, choice }: AvailabilityQuestion,
  span: Interval,
  { timeZone, busy, bookings, ownEvents }: Occupancy,
): Promise<Availability> {
  return {
    clock: createClock(schedule.time_zone ?? timeZone),
    hours: await readOpeningHours(schedule, deps.holidays, span),
    policy: toSlotPolicy(schedule, choice),
    busy,
    bookings: bookings.map((booking) => ({
      ...booking,
      seat: booking.service === choice.service.id ? booking.seat : null,
    })),
    ownEvents,
    now: deps.now(),
  };
}
