import { setTimeout as sleep } from "node:timers/promises";
import { type Interval, refuseStart } from "@cita/scheduling";
import { type BusyTimes, type Calendar, CalendarError, type NewEvent } from "../calendars/calendar.ts";
import type { Schedule } from "../schedules/default-schedule.ts";
import { lookaheadDays, nearestStarts, type Rules, rulesFor } from "./availability.ts";
import { type Booking, BookingError, type BookingRequest } from "./booking.ts";
import type { Ledger } from "./ledger.ts";

export type BookAppointmentDeps = {
  ledger: Ledger;
  calendar: Calendar;
  /** How long the range stays held without a confirmation. */
  holdMs: number;
  now: () => number;
};

/** A refusal that can name other times: `alternatives` are free starts, in order of time. */
export class SlotRefused extends Error {
  override readonly name = "SlotRefused";
  readonly code: BookingError["code"];
  readonly timeZone: string;
  readonly alternatives: readonly number[];
  constructor(code: BookingError["code"], timeZone: string, alternatives: readonly number[]) {
    super(`The time was refused: ${code}.`);
    this.code = code;
    this.timeZone = timeZone;
    this.alternatives = alternatives;
  }
}

const day = 86_400_000;
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
  deps: BookAppointmentDeps,
  schedule: Schedule,
  request: BookingRequest,
): Promise<Booking & { timeZone: string }> {
  const booking = await holdOrExplain(deps, schedule, request);
  if (booking.status === "confirmed") return withZone(booking, booking.timeZone ?? "UTC");
  try {
    const rules = await readRules(deps, schedule, request, booking.id);
    refuseUnlessOffered(rules, request);
    await writeEvent(deps, schedule, booking, rules.clock.timeZone);
    return withZone({ ...booking, status: "confirmed" }, rules.clock.timeZone);
  } catch (error) {
    if (!(error instanceof UnsettledBooking)) {
      await deps.ledger.release(booking);
      throw error;
    }
    throw error.cause;
  }
}

/** The calendar may hold our event and we can't say: the hold stays, and the sweeper settles it when it has run out. */
class UnsettledBooking extends Error {
  override readonly name = "UnsettledBooking";
}

/** Inserts and confirms; what goes wrong is taken back. @throws UnsettledBooking when that can't be made sure of. */
async function writeEvent(
  deps: BookAppointmentDeps,
  schedule: Schedule,
  booking: Booking,
  timeZone: string,
): Promise<void> {
  try {
    await deps.calendar.insertEvent(booking.customerId, eventOf(booking, schedule, timeZone));
    await confirmInCalendar(deps, schedule, booking, timeZone);
  } catch (error) {
    if (!(await takenBack(deps.calendar, booking, error))) {
      throw new UnsettledBooking("An event may have been left in the calendar.", { cause: error });
    }
    throw error;
  }
}

async function takenBack(calendar: Calendar, booking: Booking, because: unknown): Promise<boolean> {
  try {
    const removed = await calendar.removeEvent(booking.customerId, booking.eventId);
    // An insert that got no answer may still arrive after a removal that found nothing.
    return removed || !(because instanceof CalendarError && because.outcomeUnknown);
  } catch (error) {
    if (error instanceof CalendarError) return false;
    throw error;
  }
}

function withZone(booking: Booking, timeZone: string): Booking & { timeZone: string } {
  return { ...booking, timeZone };
}

async function holdOrExplain(
  deps: BookAppointmentDeps,
  schedule: Schedule,
  request: BookingRequest,
): Promise<Booking> {
  for (const deadline = performance.now() + longestWaitMs; ; await sleep(waitStepMs)) {
    try {
      return await deps.ledger.hold(request, deps.now() + deps.holdMs);
    } catch (error) {
      const code = error instanceof BookingError ? error.code : undefined;
      if (code === "taken") {
        if (await followCalendar(deps, request)) continue;
        throw refusal("taken", await readRules(deps, schedule, request), request);
      }
      // The same request is being worked on, here or in another process: its end is our answer too.
      if (code !== "in_progress" || performance.now() > deadline) throw error;
    }
  }
}

/**
 * Lets the ledger follow what a person did in the calendar itself: a booking whose event was moved or
 * deleted there no longer blocks its old time.
 * @returns whether anything changed, so that it is worth trying again.
 */
async function followCalendar(
  { ledger, calendar }: BookAppointmentDeps,
  request: BookingRequest,
): Promise<boolean> {
  let changed = false;
  for (const booking of await ledger.settledOver(request.customerId, request)) {
    const event = await calendar.findEvent(booking.customerId, booking.eventId);
    if (event !== undefined && event.start === booking.start && event.end === booking.end) continue;
    await ledger.follow(booking, event);
    changed = true;
  }
  return changed;
}

/** A fresh reading, never a cached one, of the wanted day and the days in which alternatives are looked for. */
async function readRules(
  { calendar, ledger, now }: BookAppointmentDeps,
  schedule: Schedule,
  request: BookingRequest,
  except?: string,
): Promise<Rules> {
  const span = alternativesSpan(request);
  const reading = await calendar.readBusy(request.customerId, span);
  const ours = await ledger.inForce(request.customerId, span, except);
  return rulesFor(schedule, request.end - request.start, reading, ours, now());
}

function alternativesSpan({ start }: Interval): Interval {
  return { start: start - day, end: start + (lookaheadDays + 1) * day };
}

function refuseUnlessOffered(rules: Rules, request: BookingRequest): void {
  const rejection = refuseStart(rules, request.start);
  if (rejection !== undefined) throw refusal(rejection, rules, request);
}

function refusal(code: BookingError["code"], rules: Rules, request: BookingRequest): SlotRefused {
  const alternatives = nearestStarts(rules, request.start, lookaheadDays, mostAlternatives);
  return new SlotRefused(code, rules.clock.timeZone, alternatives);
}

/** Confirms when our event is there and nobody else's overlaps: what came in between wins over ours. */
async function confirmInCalendar(
  deps: BookAppointmentDeps,
  schedule: Schedule,
  booking: Booking,
  timeZone: string,
): Promise<void> {
  const reading = await deps.calendar.readBusy(booking.customerId, booking);
  await expectOurs(deps.calendar, booking, reading);
  const free = !reading.busy.some((other) => other.eventId !== booking.eventId && overlaps(other, booking));
  if (free && (await deps.ledger.confirm(booking, timeZone))) return;
  const request = { ...booking, idempotencyKey: null };
  throw refusal("taken", await readRules(deps, schedule, request, booking.id), request);
}

async function expectOurs(calendar: Calendar, booking: Booking, reading: BusyTimes): Promise<void> {
  if (reading.busy.some((event) => event.eventId === booking.eventId)) return;
  if ((await calendar.findEvent(booking.customerId, booking.eventId)) !== undefined) return;
  throw new CalendarError("calendar_unavailable", "the inserted event is not in the calendar");
}

function overlaps(a: Interval, b: Interval): boolean {
  return a.start < b.end && b.start < a.end;
}

function eventOf(booking: Booking, schedule: Schedule, timeZone: string): NewEvent {
  const { attendee, notes } = booking;
  const service = schedule.services.find(({ id }) => id === booking.service);
  const lines = [
    attendee.phone && `Phone: ${attendee.phone}`,
    attendee.email && `E-mail: ${attendee.email}`,
    notes && `Notes: ${notes}`,
    `Booked by Cita (${booking.id})`,
  ];
  return {
    id: booking.eventId,
    bookingId: booking.id,
    start: booking.start,
    end: booking.end,
    timeZone,
    title: `${attendee.name} · ${service?.name ?? booking.service}`,
    description: lines.filter(Boolean).join("\n"),
  };
}
