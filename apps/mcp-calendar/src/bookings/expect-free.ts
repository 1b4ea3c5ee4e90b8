/**
 * The checks of a requested range that booking and moving make: by the schedule alone before anything is stored, afresh
 * before the event is written, and again afterwards. A refusal names the nearest free starts.
 */

import { findSlots, type Interval, isFree, isSameInterval, refuseStart } from "@cita/scheduling";
import type { CallOptions } from "../calendars/calendar.ts";
import { lookaheadDays, spanOfAlternatives } from "../schedules/slot-rules.ts";
import {
  type Availability,
  type AvailabilityDeps,
  type AvailabilityQuestion,
  readAvailability,
} from "./availability.ts";
import { type HeldBooking, toBlockedSpan } from "./booking.ts";
import { type BookingErrorCode, SlotRefused } from "./booking-error.ts";

/**
 * Refuses what the schedule alone rules out, before anything is stored. The calendar is read only where the schedule has
 * alternatives: a time beyond the horizon costs the provider no request.
 * @throws SlotRefused, CalendarError
 */
export async function expectInSchedule(
  deps: AvailabilityDeps,
  question: AvailabilityQuestion,
  range: Interval,
): Promise<void> {
  const span = spanOfAlternatives(range);
  const bySchedule = await readAvailability(deps, question, { kind: "schedule", span });
  const rejection = refuseStart(bySchedule, range.start);
  if (rejection === undefined) return;
  if (nearestStarts(bySchedule, range.start, 1).length === 0) throw refuseSlot(rejection, bySchedule, range);
  const recent = await readAvailability(deps, question, { kind: "recent", span });
  // The reading brings the calendar's time zone, which may differ from the one that was known.
  const confirmed = refuseStart({ ...recent, busy: [], bookings: [] }, range.start);
  if (confirmed !== undefined) throw refuseSlot(confirmed, recent, range);
}

/**
 * Reads afresh whether the hold's start is offered; where it isn't, the hold is released.
 * @returns the business's time zone.
 * @throws SlotRefused, CalendarError
 */
export async function expectOffered(
  deps: AvailabilityDeps,
  question: AvailabilityQuestion,
  hold: HeldBooking,
  options: CallOptions,
): Promise<string> {
  const reading = { kind: "present", hold, options } as const;
  try {
    const own = await readAvailability(deps, question, { ...reading, span: toBlockedSpan(hold) });
    if (refuseStart(own, hold.start) === undefined) return own.clock.timeZone;
    // The wider reading lets the ledger follow what was done by hand on that day, which may free the start.
    const wider = await readAvailability(deps, question, { ...reading, span: spanOfAlternatives(hold) });
    const rejection = refuseStart(wider, hold.start);
    if (rejection !== undefined) throw refuseSlot(rejection, wider, hold);
    return wider.clock.timeZone;
  } catch (error) {
    await deps.ledger.release(hold);
    throw error;
  }
}

/**
 * Reads again after our event was written. Where somebody else's event overlaps it now, theirs wins.
 * @param eventId the event in the hold's range.
 * @returns whether the reading showed the event where it was written.
 * @throws SlotRefused
 */
export async function expectStillFree(
  deps: AvailabilityDeps,
  question: AvailabilityQuestion,
  hold: HeldBooking,
  { eventId, options }: { eventId: string; options: CallOptions },
): Promise<boolean> {
  const reading = { kind: "present", options } as const;
  const own = await readAvailability(deps, question, { ...reading, span: toBlockedSpan(hold), hold });
  if (isFree(own, hold.start))
    return own.ownEvents.some((event) => event.own.eventId === eventId && isSameInterval(event, hold));
  const wider = await readAvailability(deps, question, { ...reading, span: spanOfAlternatives(hold) });
  throw refuseSlot("taken", wider, hold);
}

const maxAlternatives = 3;

export function refuseSlot(
  code: BookingErrorCode,
  availability: Availability,
  { start }: Interval,
): SlotRefused {
  const { clock, policy } = availability;
  const alternatives = nearestStarts(availability, start, maxAlternatives);
  return new SlotRefused(code, { timeZone: clock.timeZone, alternatives, pausedUntil: policy.pausedUntil });
}

/** The free starts nearest to a requested one, in order of time, none before its day. */
function nearestStarts(availability: Availability, requested: number, limit: number): number[] {
  const from = availability.clock.dateAt(requested);
  return findSlots({ ...availability, from, days: lookaheadDays })
    .starts.filter((start) => start !== requested)
    .sort((a, b) => Math.abs(a - requested) - Math.abs(b - requested))
    .slice(0, limit)
    .sort((a, b) => a - b);
}
