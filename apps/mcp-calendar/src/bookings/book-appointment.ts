import { setTimeout as sleep } from "node:timers/promises";
import type { Schedule } from "@cita/calendar-api";
import { type Interval, isFree, isSameInterval, refuseStart } from "@cita/scheduling";
import { CalendarError, isOutcomeUnknown } from "../calendars/calendar.ts";
import {
  type Appointment,
  type AvailabilityDeps,
  alternativesSpan,
  nearestStarts,
  type Rules,
  readRules,
  rulesOf,
} from "./availability.ts";
import { type Booking, BookingError, type BookingRequest, type RefusalCode, SlotRefused } from "./booking.ts";
import { eventOf } from "./booking-event.ts";
import { readOccupancy } from "./occupancy.ts";
import { eventOfBooking } from "./standing-booking.ts";

export type BookingDeps = AvailabilityDeps & {
  /** How long a range stays held without a confirmation. */
  holdMs: number;
};

/** What is wanted, and of whom. */
export type Wish = {
  readonly customerId: string;
  readonly schedule: Schedule;
  readonly appointment: Appointment;
};

/** The calendar may hold what we wrote and we can't say: the hold stays, and the sweeper settles it when it has run out. */
export class UnsettledBooking extends Error {
  override readonly name = "UnsettledBooking";
  constructor(cause: unknown) {
    super("What was written may have been left in the calendar.", { cause });
  }
}

/** A booking whose zone is known, as it is once the calendar has been read. */
export type PlacedBooking = Booking & { readonly timeZone: string };

const mostAlternatives = 3;

/** How long a repeated request waits for the first one, which takes no longer than its calls may. */
const longestWaitMs = 20_000;
const waitStepMs = 50;

/**
 * Books: hold the range in the ledger, read the calendar afresh, insert the event, read again,
 * confirm. Whatever fails on the way, the range is released and nothing of ours stays behind.
 *
 * @throws BookingError, SlotRefused, CalendarError
 */
export async function bookAppointment(
  deps: BookingDeps,
  wish: Wish,
  request: BookingRequest,
): Promise<PlacedBooking> {
  const hold = await untilSettled(() =>
    holding(deps, wish, request, () => deps.ledger.hold(request, deps.now() + deps.holdMs)),
  );
  if (hold.status === "confirmed") return { ...hold, timeZone: hold.timeZone ?? "UTC" };
  try {
    const rules = await offeredRules(deps, wish, hold);
    return await writeEvent(deps, wish, hold, rules.clock.timeZone);
  } catch (error) {
    if (error instanceof UnsettledBooking) throw error.cause;
    await deps.ledger.release(hold);
    throw error;
  }
}

/** Waits while the same request, or another move of the booking, is being worked on here or in another process. */
export async function untilSettled<T>(attempt: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + longestWaitMs; ; await sleep(waitStepMs)) {
    try {
      return await attempt();
    } catch (error) {
      const inProgress = error instanceof BookingError && error.code === "in_progress";
      if (!inProgress || performance.now() > deadline) throw error;
    }
  }
}

/**
 * Takes the hold, or says what else is free. What stands in the way may have been moved or deleted in the
 * calendar itself: reading for the alternatives lets the ledger follow, and then it is worth trying again.
 */
export async function holding(
  deps: BookingDeps,
  wish: Wish,
  range: Interval,
  take: () => Promise<Booking>,
): Promise<Booking> {
  const asked = { ...wish, span: alternativesSpan(range), fresh: false };
  let refused: SlotRefused | undefined;
  for (let tries = 0; tries < 2; tries++) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof BookingError) || error.code !== "taken") throw error;
      refused ??= refusal("taken", await readRules(deps, asked, wish.appointment), range);
    }
  }
  throw refused ?? new BookingError("taken");
}

/** A fresh reading, by which the hold's start is offered. @throws SlotRefused */
export async function offeredRules(deps: BookingDeps, wish: Wish, hold: Booking): Promise<Rules> {
  const asked = { ...wish, span: alternativesSpan(hold), fresh: true, hold };
  const rules = await readRules(deps, asked, wish.appointment);
  const rejection = refuseStart(rules, hold.start);
  if (rejection !== undefined) throw refusal(rejection, rules, hold);
  return rules;
}

/**
 * Reads again once our event is written: if somebody else's overlaps by now, theirs wins.
 * @param eventId the event that now takes the hold's range.
 * @returns whether the reading showed the event where it was written.
 * @throws SlotRefused
 */
export async function expectStillOurs(
  deps: BookingDeps,
  wish: Wish,
  hold: Booking,
  eventId: string,
): Promise<boolean> {
  const span = { start: hold.start - hold.bufferBeforeMs, end: hold.end + hold.bufferAfterMs };
  const asked = { ...wish, span, fresh: true, hold };
  const occupancy = await readOccupancy(deps, asked);
  if (isFree(await rulesOf(deps, asked, wish.appointment, occupancy), hold.start)) {
    return occupancy.shown.some((event) => event.eventId === eventId && isSameInterval(event, hold));
  }
  const others = { ...wish, span: alternativesSpan(hold), fresh: true };
  throw refusal("taken", await readRules(deps, others, wish.appointment), hold);
}

/** A reading may lag behind; the event itself doesn't. */
async function expectStanding(deps: BookingDeps, hold: Booking): Promise<void> {
  const event = await eventOfBooking(deps, hold);
  if (event.kind === "standing" && isSameInterval(event, hold)) return;
  if (event.kind === "gone") throw new BookingError("cancelled_since");
  throw new CalendarError("calendar_unavailable", "the event that was written is not in the calendar");
}

function refusal(code: RefusalCode, rules: Rules, { start }: Interval): SlotRefused {
  return new SlotRefused(code, rules.clock.timeZone, nearestStarts(rules, start, mostAlternatives));
}

/** Inserts and confirms; what goes wrong is taken back. @throws UnsettledBooking when that can't be made sure of. */
async function writeEvent(
  deps: BookingDeps,
  wish: Wish,
  hold: Booking,
  timeZone: string,
): Promise<PlacedBooking> {
  const { calendar, ledger } = deps;
  try {
    const { meetLink } = await calendar.insertEvent(hold.customerId, eventOf(hold, wish.schedule, timeZone));
    const shown = await expectStillOurs(deps, wish, hold, hold.eventId);
    if (!shown) await expectStanding(deps, hold);
    if (await ledger.confirm(hold, { timeZone, meetLink })) {
      return { ...hold, status: "confirmed", timeZone, meetLink };
    }
    throw holdRanOut();
  } catch (error) {
    if (!(await takenBack(deps, hold, error))) throw new UnsettledBooking(error);
    throw error;
  }
}

async function takenBack({ calendar }: BookingDeps, hold: Booking, because: unknown): Promise<boolean> {
  try {
    const removed = await calendar.removeEvent(hold.customerId, hold.eventId);
    // An insert that got no answer may still arrive after a removal that found nothing.
    return removed || !isOutcomeUnknown(because);
  } catch (error) {
    if (error instanceof CalendarError) return false;
    throw error;
  }
}

export function holdRanOut(): CalendarError {
  return new CalendarError("calendar_unavailable", "the hold ran out before the calendar had answered");
}
