/** What booking and moving do before the calendar is written: check the requested range, hold it, guard the hold. */

import type { Schedule } from "@cita/calendar-api";
import { findSlots, type Interval, refuseStart } from "@cita/scheduling";
import { CalendarError } from "../calendars/calendar.ts";
import { lookaheadDays, type ServiceChoice, spanOfAlternatives } from "../schedules/slot-rules.ts";
import type { Requester } from "./attempts.ts";
import { type Availability, type AvailabilityDeps, readAvailability } from "./availability.ts";
import { type HeldBooking, isStranded } from "./booking.ts";
import { BookingError, type BookingErrorCode, SlotRefused } from "./booking-error.ts";
import type { HoldTerms } from "./ledger/ledger.ts";

export type BookingDeps = AvailabilityDeps & {
  /** How long after taking a hold its event may be written: longer than all calls of a booking together. */
  holdMs: number;
};

/** Who asks for which service, and under which schedule. */
export type BookingContext = Requester & { readonly schedule: Schedule; readonly choice: ServiceChoice };

/**
 * Refuses what the schedule alone rules out, before anything is stored. The calendar is read only where the schedule has
 * alternatives: a time beyond the horizon costs the provider no request.
 * @throws SlotRefused, CalendarError
 */
export async function expectInSchedule(
  deps: BookingDeps,
  context: BookingContext,
  range: Interval,
): Promise<void> {
  const span = spanOfAlternatives(range);
  const bySchedule = await readAvailability(deps, context, { kind: "schedule", span });
  const rejection = refuseStart(bySchedule, range.start);
  if (rejection === undefined) return;
  if (nearestStarts(bySchedule, range.start, 1).length === 0) throw refuseSlot(rejection, bySchedule, range);
  const recent = await readAvailability(deps, context, { kind: "recent", span });
  // The reading brings the calendar's time zone, which may differ from the one that was known.
  const confirmed = refuseStart({ ...recent, busy: [], bookings: [] }, range.start);
  if (confirmed !== undefined) throw refuseSlot(confirmed, recent, range);
}

export async function readHoldTerms(
  { now, holdMs, readAccountId }: BookingDeps,
  { customerId, schedule, attendee }: BookingContext,
): Promise<HoldTerms> {
  return {
    until: now() + holdMs,
    accountId: await readAccountId(customerId),
    maxOpenBookings:
      attendee === undefined ? null : (schedule.max_open_bookings_per_attendee ?? defaultMaxOpenBookings),
  };
}

const defaultMaxOpenBookings = 5;

/**
 * Takes the hold, or refuses with alternatives. The reading for the alternatives lets the ledger follow what was moved or
 * deleted by hand, so a second attempt may succeed.
 * @throws SlotRefused, CalendarError, and what `take` throws.
 */
export async function holdRange<Hold>(
  deps: BookingDeps,
  context: BookingContext,
  range: Interval,
  take: () => Promise<Hold>,
): Promise<Hold> {
  let refused: SlotRefused | undefined;
  for (let attempts = 0; attempts < 2; attempts++) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof BookingError) || error.code !== "taken") throw error;
      const span = spanOfAlternatives(range);
      refused ??= refuseSlot("taken", await readAvailability(deps, context, { kind: "recent", span }), range);
    }
  }
  throw refused ?? new BookingError("taken");
}

const maxAlternatives = 3;

export function refuseSlot(
  code: BookingErrorCode,
  availability: Availability,
  { start }: Interval,
): SlotRefused {
  const alternatives = nearestStarts(availability, start, maxAlternatives);
  return new SlotRefused(code, availability.clock.timeZone, alternatives);
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

/** Another instance has taken the hold over, and settles what was written for it. */
export class HoldLostError extends CalendarError {
  constructor(reason: string) {
    super("calendar_unavailable", reason);
  }
}

/**
 * Makes the check that runs before each attempt to write for a hold: between two attempts the process may have been
 * suspended, and the customer may have connected another account.
 * @returns a function that throws HoldLostError.
 */
export function guardHold(
  { ledger, readAccountId, holdMs }: BookingDeps,
  hold: HeldBooking,
): () => Promise<void> {
  // The monotonic clock is never set, and goes on while the process is suspended.
  const until = performance.now() + holdMs;
  return async () => {
    if (performance.now() > until)
      throw new HoldLostError("the hold ran out before the calendar had answered");
    if (!(await ledger.isHeld(hold))) throw new HoldLostError("the hold was taken over by another instance");
    if (isStranded(hold, await readAccountId(hold.customerId)))
      throw new HoldLostError("another account was connected meanwhile");
  };
}

/** Abandons a lost hold, and has the sweeper settle at once what was written for it. */
export async function giveUpHold({ ledger, settleSoon }: BookingDeps, hold: HeldBooking): Promise<void> {
  await ledger.abandon(hold, "now");
  settleSoon();
}
