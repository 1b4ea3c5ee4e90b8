import type { Schedule } from "@cita/calendar-api";
import { type Interval, isFree, isSameInterval, refuseStart } from "@cita/scheduling";
import { CalendarError, type CallOptions, isOutcomeUnknown } from "../calendars/calendar.ts";
import {
  type Appointment,
  type AvailabilityDeps,
  alternativesSpan,
  nearestStarts,
  type Rules,
  readRules,
  readScheduleRules,
  rulesOf,
} from "./availability.ts";
import {
  type Booking,
  BookingError,
  type BookingRequest,
  type HoldTerms,
  type RefusalCode,
  SlotRefused,
} from "./booking.ts";
import { eventOf } from "./booking-event.ts";
import { countChange, type Requester } from "./count-change.ts";
import { giveUp, guardHold, type HoldDeps, HoldLostError } from "./hold-guard.ts";
import type { Written } from "./ledger.ts";
import { readOccupancy } from "./occupancy.ts";
import { retireEventOf } from "./settlement.ts";
import { eventOfBooking, findAsRequested, findPresent } from "./standing-booking.ts";
import { untilSettled } from "./until-settled.ts";

export type BookingDeps = AvailabilityDeps & HoldDeps;

/** Who asks for an appointment, of which service, and under which schedule. */
export type BookingContext = Requester & {
  readonly schedule: Schedule;
  readonly appointment: Appointment;
};

/** A booking whose zone is known, as it is once the calendar has been read. */
export type PlacedBooking = Booking & { readonly timeZone: string };

const mostAlternatives = 3;

/**
 * Books: hold the range in the ledger, read the calendar afresh, insert the event, read again,
 * confirm. Whatever fails on the way, the range is released and nothing of ours stays behind.
 *
 * @throws BookingError, SlotRefused, CalendarError
 */
export async function bookAppointment(
  deps: BookingDeps,
  context: BookingContext,
  request: BookingRequest,
): Promise<PlacedBooking> {
  const repeated = await untilSettled(() => deps.ledger.findRepeated(request));
  const present = repeated && (await findAsRequested(deps, request, repeated));
  return (
    present ??
    countChange(deps, context, { kind: "book" }, (noteUnchanged) =>
      bookAnew(deps, context, request, noteUnchanged),
    )
  );
}

async function bookAnew(
  deps: BookingDeps,
  context: BookingContext,
  request: BookingRequest,
  noteUnchanged: () => void,
): Promise<PlacedBooking> {
  await expectInSchedule(deps, context, request);
  return withReservedRequests(deps, context, async (options) => {
    const hold = await untilSettled(() => holdRequest(deps, context, request));
    if (hold.status === "confirmed") {
      noteUnchanged();
      return untilSettled(() => findPresent(deps, hold));
    }
    try {
      const guarded = { ...options, beforeAttempt: guardHold(deps, hold) };
      const timeZone = await offeredZone(deps, context, hold, guarded);
      const confirm = (written: Written) => deps.ledger.confirm(hold, written);
      const writing = { booking: hold, timeZone, options: guarded, confirm };
      const written = await writeEvent(deps, context, hold, writing);
      return { ...hold, status: "confirmed", ...written };
    } finally {
      deps.ledger.leave(hold);
    }
  });
}

function holdRequest(deps: BookingDeps, context: BookingContext, request: BookingRequest): Promise<Booking> {
  return holding(deps, context, request, async () => deps.ledger.hold(request, await termsOf(deps, context)));
}

export async function termsOf(
  { now, holdMs, accountOf }: BookingDeps,
  { customerId, schedule, person }: BookingContext,
): Promise<HoldTerms> {
  return {
    until: now() + holdMs,
    accountId: await accountOf(customerId),
    maxOpenBookings:
      person === undefined ? null : (schedule.max_open_bookings_per_attendee ?? defaultMaxOpenBookings),
  };
}

const defaultMaxOpenBookings = 5;

/**
 * Sets aside what the sequence may need, so that our own budget can't end it half-way: two readings, a look
 * at the event, a write, and what takes it back.
 */
export async function withReservedRequests<T>(
  { calendar }: BookingDeps,
  { customerId, schedule }: BookingContext,
  sequence: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const requests = 2 * schedule.busy_calendars.length + 5;
  const reservation = await calendar.reserve(customerId, requests);
  try {
    return await sequence({ reservation });
  } finally {
    reservation.release();
  }
}

/**
 * Refuses what the schedule alone speaks against, before anything is stored. Other times are only looked for
 * where the schedule has any: what lies beyond the horizon costs the provider no request.
 * @throws SlotRefused, CalendarError
 */
export async function expectInSchedule(
  deps: BookingDeps,
  context: BookingContext,
  range: Interval,
): Promise<void> {
  const asked = { ...context, span: alternativesSpan(range), fresh: false };
  const bySchedule = await readScheduleRules(deps, asked, context.appointment);
  const rejection = refuseStart(bySchedule, range.start);
  if (rejection === undefined) return;
  if (nearestStarts(bySchedule, range.start, 1).length === 0) throw refusal(rejection, bySchedule, range);
  const rules = await readRules(deps, asked, context.appointment);
  // The reading tells the calendar's zone, which may have been changed.
  const confirmed = refuseStart({ ...rules, busy: [], bookings: [] }, range.start);
  if (confirmed !== undefined) throw refusal(confirmed, rules, range);
}

/**
 * Takes the hold, or says what else is free. What stands in the way may have been moved or deleted in the
 * calendar itself: reading for the alternatives lets the ledger follow, and then it is worth trying again.
 */
export async function holding(
  deps: BookingDeps,
  context: BookingContext,
  range: Interval,
  take: () => Promise<Booking>,
): Promise<Booking> {
  const asked = { ...context, span: alternativesSpan(range), fresh: false };
  let refused: SlotRefused | undefined;
  for (let tries = 0; tries < 2; tries++) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof BookingError) || error.code !== "taken") throw error;
      refused ??= refusal("taken", await readRules(deps, asked, context.appointment), range);
    }
  }
  throw refused ?? new BookingError("taken");
}

/**
 * Reads afresh whether the hold's start is offered; where it isn't, the hold is released.
 * @returns the zone of the business.
 * @throws SlotRefused, CalendarError
 */
export async function offeredZone(
  deps: BookingDeps,
  context: BookingContext,
  hold: Booking,
  options: CallOptions,
): Promise<string> {
  try {
    const asked = { ...context, fresh: true, hold, options };
    const rules = await readRules(deps, { ...asked, span: blockedSpan(hold) }, context.appointment);
    const rejection = refuseStart(rules, hold.start);
    if (rejection === undefined) return rules.clock.timeZone;
    // Read more widely for other times, the ledger may have followed what a person did that day.
    const others = await readRules(deps, { ...asked, span: alternativesSpan(hold) }, context.appointment);
    const confirmed = refuseStart(others, hold.start);
    if (confirmed !== undefined) throw refusal(confirmed, others, hold);
    return others.clock.timeZone;
  } catch (error) {
    await deps.ledger.release(hold);
    throw error;
  }
}

/**
 * Reads again once our event is written: if somebody else's overlaps by now, theirs wins.
 * @param eventId the event that now takes the hold's range.
 * @returns whether the reading showed the event where it was written.
 * @throws SlotRefused
 */
export async function expectStillOurs(
  deps: BookingDeps,
  context: BookingContext,
  hold: Booking,
  { eventId, options }: { eventId: string; options: CallOptions },
): Promise<boolean> {
  const asked = { ...context, span: blockedSpan(hold), fresh: true, hold, options };
  const occupancy = await readOccupancy(deps, asked);
  if (isFree(await rulesOf(deps, asked, context.appointment, occupancy), hold.start)) {
    return occupancy.shown.some((event) => event.eventId === eventId && isSameInterval(event, hold));
  }
  const others = { ...context, span: alternativesSpan(hold), fresh: true, options };
  throw refusal("taken", await readRules(deps, others, context.appointment), hold);
}

function blockedSpan({ start, end, bufferBeforeMs, bufferAfterMs }: Booking): Interval {
  return { start: start - bufferBeforeMs, end: end + bufferAfterMs };
}

/** A reading may lag behind; the event itself doesn't. */
async function expectStanding(deps: BookingDeps, hold: Booking, options: CallOptions): Promise<void> {
  const event = await eventOfBooking(deps, hold, options);
  if (event.kind === "standing" && isSameInterval(event, hold)) return;
  if (event.kind === "gone") {
    if (await deps.ledger.isHeld(hold)) throw new BookingError("cancelled_since");
    throw new HoldLostError("the hold was taken over by another instance");
  }
  throw new CalendarError("calendar_unavailable", "the event that was written is not in the calendar");
}

export function refusal(code: RefusalCode, rules: Rules, { start }: Interval): SlotRefused {
  return new SlotRefused(code, rules.clock.timeZone, nearestStarts(rules, start, mostAlternatives));
}

export type Writing = {
  /** What the event tells. */
  readonly booking: Booking;
  readonly timeZone: string;
  readonly options: CallOptions;
  /** @returns false when the hold was taken away. */
  readonly confirm: (written: Written) => Promise<boolean>;
};

/**
 * Inserts a hold's event, makes sure that it is the only one there, and confirms. What goes wrong is taken
 * back, or given up where that can't be made sure of.
 */
export async function writeEvent(
  deps: BookingDeps,
  context: BookingContext,
  hold: Booking,
  { booking, timeZone, options, confirm }: Writing,
): Promise<Written> {
  let mayStand = false;
  try {
    const event = eventOf(booking, context.schedule, timeZone);
    const inserting = deps.calendar.insertEvent(hold.customerId, event, options);
    const { meetLink, isInvited } = await inserting.catch((error: unknown) => {
      mayStand = isOutcomeUnknown(error);
      throw error;
    });
    mayStand = true;
    const shown = await expectStillOurs(deps, context, hold, { eventId: hold.eventId, options });
    if (!shown) await expectStanding(deps, hold, options);
    const written = { timeZone, meetLink, invitation: invitationOf(isInvited) };
    if (await confirm(written)) return written;
    throw new HoldLostError("the hold was taken over by another instance");
  } catch (error) {
    if (error instanceof HoldLostError) await giveUp(deps, hold);
    else if (mayStand) await takeBack(deps, hold, options);
    else await deps.ledger.release(hold);
    throw error;
  }
}

function invitationOf(isInvited: boolean | null): Written["invitation"] {
  if (isInvited === null) return null;
  return isInvited ? "sent" : "refused";
}

async function takeBack(deps: BookingDeps, hold: Booking, { reservation }: CallOptions): Promise<void> {
  try {
    await retireEventOf(deps, hold, { reservation });
  } catch (error) {
    await deps.ledger.abandon(hold, "later");
    if (error instanceof CalendarError) return;
    throw error;
  }
  await deps.ledger.release(hold);
}
