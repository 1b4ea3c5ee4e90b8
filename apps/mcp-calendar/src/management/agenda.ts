import type { Agenda, AgendaQuery, Period, Schedule } from "@cita/calendar-api";
import {
  createClock,
  dayMs,
  findSlots,
  formatTime,
  type Interval,
  localMidnight,
  mergeIntervals,
  type ZoneClock,
} from "@cita/scheduling";
import { readAvailability, readTimeZone } from "../bookings/availability.ts";
import { bookedChoice } from "../bookings/booking.ts";
import { expectConfirmed } from "../bookings/find-booking.ts";
import { type Dates, type ServiceChoice, spanOfDates } from "../schedules/slot-rules.ts";
import { chooseService } from "../tools/arguments.ts";
import type { ToolDeps } from "../tools/define-tool.ts";
import { explainToAdmin } from "./booking-change-error.ts";
import type { CustomerBookings } from "./bookings.ts";

/** What is in a customer's calendar on some dates. @throws BookingChangeError, also where the calendar can't be read */
export type ReadAgenda = (customerId: string, query: AgendaQuery) => Promise<Agenda>;

export function createReadAgenda(deps: ToolDeps, bookings: Pick<CustomerBookings, "listIn">): ReadAgenda {
  return async (customerId, query) => {
    try {
      return await readAgenda(deps, bookings, customerId, query);
    } catch (error) {
      throw explainToAdmin(error);
    }
  };
}

async function readAgenda(
  deps: ToolDeps,
  bookings: Pick<CustomerBookings, "listIn">,
  customerId: string,
  query: AgendaQuery,
): Promise<Agenda> {
  const schedule = await deps.findSchedule(customerId);
  const choice = await findChoice(deps, customerId, schedule, query);
  const known = createClock(await readTimeZone(deps, { customerId, schedule }));
  const dates = { from: query.from ?? known.dateAt(deps.now()), days: query.days };
  const span = spanOfDates(known, dates, choice);
  const reading = { kind: "recent", span, moving: query.moving } as const;
  const availability = await readAvailability(deps, { customerId, schedule, choice }, reading);
  const { clock } = availability;
  const shown = toSpan(clock, dates);
  const { starts } = findSlots({ ...availability, ...dates });
  return {
    timezone: clock.timeZone,
    busy: joinWithin(availability.busy, shown).map((interval) => toPeriod(clock, interval)),
    bookings: await bookings.listIn(customerId, shown),
    free: starts.map((start) => toPeriod(clock, { start, end: start + choice.durationMs })),
  };
}

async function findChoice(
  deps: ToolDeps,
  customerId: string,
  schedule: Schedule,
  { service, moving }: AgendaQuery,
): Promise<ServiceChoice> {
  if (moving === undefined) return chooseService(schedule, service, undefined);
  return bookedChoice(schedule, await expectConfirmed(deps, customerId, moving));
}

function toSpan(clock: ZoneClock, { from, days }: Dates): Interval {
  const midnight = localMidnight(from);
  return { start: clock.opening(midnight), end: clock.opening(midnight + days * dayMs) };
}

/** Joins intervals that overlap or touch, and cuts off what is outside of a span. */
function joinWithin(intervals: readonly Interval[], span: Interval): Interval[] {
  const inside = intervals.map(({ start, end }) => ({
    start: Math.max(start, span.start),
    end: Math.min(end, span.end),
  }));
  const { starts, ends } = mergeIntervals(inside);
  return starts.flatMap((start, i) => {
    const end = ends[i];
    return end === undefined ? [] : [{ start, end }];
  });
}

function toPeriod(clock: ZoneClock, { start, end }: Interval): Period {
  return { start: formatTime(clock, start).iso, end: formatTime(clock, end).iso };
}
