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
  isSameInterval,
  localMidnight,
  type SlotConditions,
} from "@cita/scheduling";
import type { BusyTime, CallOptions } from "../calendars/calendar.ts";
import type { CalendarWithRecentReadings } from "../calendars/recent-readings.ts";
import type { Holidays } from "../schedules/holidays.ts";
import {
  type Dates,
  readOpeningHours,
  type ServiceChoice,
  spanInAnyZone,
  spanOfDates,
  spanOfLimits,
  toSlotPolicy,
} from "../schedules/slot-rules.ts";
import { type HeldBooking, type LedgerEntry, movedIdOf } from "./booking.ts";
import { type FollowDeps, followCalendar } from "./follow-calendar.ts";
import { createEventMatcher, type OwnBusyTime, selectOwn } from "./match-events.ts";

export type AvailabilityDeps = OccupancyDeps & {
  holidays: Holidays;
  /** The calendar's own time zone as it was last read. */
  findKnownTimeZone(customerId: string): Promise<string | undefined>;
  now: () => number;
};

/** Whose calendar and ledger are read, and under which schedule. */
type Business = { readonly customerId: string; readonly schedule: Schedule };

/** Whose availability is asked for, and for what service. */
export type AvailabilityQuestion = Business & { readonly choice: ServiceChoice };

/** How much is read. */
export type AvailabilityReading =
  /** Only the time zone, and only where it isn't known: what the schedule alone says, with nothing busy. */
  | { readonly kind: "schedule"; readonly span: Interval; readonly timeZone?: string }
  /** What bears on the dates, maybe a moment old. Nothing where the schedule alone has no start on them. */
  | { readonly kind: "dates"; readonly dates: Dates }
  | SpanReading;

export type Availability = SlotConditions & {
  /** Events of ours that the reading has found. */
  readonly ownEvents: readonly OwnBusyTime[];
};

/** @throws CalendarError: a calendar that can't be read is never an empty one. */
export async function readAvailability(
  deps: AvailabilityDeps,
  question: AvailabilityQuestion,
  reading: AvailabilityReading,
): Promise<Availability> {
  if (reading.kind === "schedule") return readSchedule(deps, question, reading);
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
  { span, timeZone: given }: { span: Interval; timeZone?: string },
): Promise<Availability> {
  const timeZone = given ?? (await findTimeZone(deps, question)) ?? (await readTimeZone(deps, question));
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

export type OccupancyDeps = FollowDeps & { calendar: CalendarWithRecentReadings };

/** Who has which time, by the calendar and by the ledger. */
export type Occupancy = {
  /** The calendar's own time zone. */
  readonly timeZone: string;
  /** Events of others. */
  readonly busy: readonly Interval[];
  /** Holds and confirmed bookings in the span, and around it as far as the schedule's limits count. */
  readonly bookings: readonly LedgerEntry[];
  /** Events of ours that the reading has found. */
  readonly ownEvents: readonly OwnBusyTime[];
};

/** Which reading of a span is wanted. */
export type SpanReading =
  /** The reading may be a moment old: good for showing times. */
  | {
      readonly kind: "recent";
      readonly span: Interval;
      /** Whether the ledger is left as it is: what was done by hand since blocks both its times. Default: false. */
      readonly changesNothing?: boolean;
      /** The id of a booking that is to be moved, and doesn't block its own new time. */
      readonly moving?: string | undefined;
    }
  /** The calendar is read now: needed for booking a time. */
  | {
      readonly kind: "present";
      readonly span: Interval;
      /**
       * The hold that the reading is for. The hold itself, the booking that it moves and later holds don't block it: a
       * later hold is blocked by this one.
       */
      readonly hold?: HeldBooking;
      readonly options?: CallOptions;
    };

/** Reads the calendar and the ledger, after the ledger has followed the calendar. @throws CalendarError */
export async function readOccupancy(
  deps: OccupancyDeps,
  { customerId, schedule }: Business,
  reading: SpanReading,
): Promise<Occupancy> {
  const { span } = reading;
  const { timeZone, readAt, busy } = await readBusy(deps, { customerId, schedule }, reading);
  const accountId = await deps.readAccountId(customerId);
  const ownEvents = selectOwn(busy);
  const shown = { accountId, marks: ownEvents.map(({ own }) => own) };
  const listInForce = () => deps.ledger.listInForce(customerId, spanOfLimits(schedule, span), shown);
  const known = await listInForce();
  const comparison = { customerId, accountId, readAt, span, ownEvents, bookings: known };
  const isLookOnly = reading.kind === "recent" && reading.changesNothing === true;
  const isChanged = !isLookOnly && (await followCalendar(deps, comparison));
  const bookings = isChanged ? await listInForce() : known;
  const hold = reading.kind === "present" ? reading.hold : undefined;
  const moving = reading.kind === "recent" ? reading.moving : undefined;
  const blocks = (booking: LedgerEntry) =>
    hold === undefined ? booking.id !== moving : blocksHold(hold, booking);
  return {
    timeZone,
    busy: toOthers(busy, { accountId, bookings, hold, withTentative: schedule.tentative_is_busy }),
    bookings: bookings.filter(blocks),
    ownEvents,
  };
}

function readBusy({ calendar }: OccupancyDeps, { customerId, schedule }: Business, reading: SpanReading) {
  const question = { customerId, span: reading.span, calendars: schedule.busy_calendars };
  if (reading.kind === "recent") return calendar.readRecentBusy(question);
  return calendar.readBusy(question, reading.options);
}

/** Whether a booking blocks a hold. */
function blocksHold(hold: HeldBooking, booking: LedgerEntry): boolean {
  if (booking.id === hold.id || booking.id === hold.moves) return false;
  return booking.status !== "held" || booking.sequence < hold.sequence;
}

type Ours = {
  readonly accountId: string | null;
  readonly bookings: readonly LedgerEntry[];
  readonly hold: HeldBooking | undefined;
  readonly withTentative: boolean;
};

/**
 * The events of others. An event of ours outside its booking's range counts as somebody else's, so that both ranges are
 * blocked.
 */
function toOthers(busy: readonly BusyTime[], { accountId, bookings, hold, withTentative }: Ours): BusyTime[] {
  const findBooking = createEventMatcher(bookings, accountId);
  const moves = Map.groupBy(
    bookings.filter((booking) => movedIdOf(booking) !== null),
    movedIdOf,
  );
  const isOurs = (event: BusyTime): boolean => {
    const booking = event.own === null ? undefined : findBooking(event.own);
    if (booking === undefined) return false;
    if (!event.own?.isOccurrence && (booking.id === hold?.id || booking.id === hold?.moves)) return true;
    return [booking, ...(moves.get(booking.id) ?? [])].some((range) => isSameInterval(range, event));
  };
  return busy.filter((event) => (withTentative || !event.tentative) && !isOurs(event));
}
