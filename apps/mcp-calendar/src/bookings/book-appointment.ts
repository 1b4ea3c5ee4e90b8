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
  let written = false;
  try {
    const rules = await readRules(deps, schedule, request, booking.id);
    refuseUnlessOffered(rules, request);
    written = true;
    await deps.calendar.insertEvent(booking.customerId, eventOf(booking, schedule, rules.clock.timeZone));
    await confirmInCalendar(deps, schedule, booking, rules.clock.timeZone);
    return withZone({ ...booking, status: "confirmed" }, rules.clock.timeZone);
  } catch (error) {
    await giveUp(deps, booking, written);
    throw error;
  }
}

/**
 * Releases the range, after taking back what may stand in the calendar: no answer to an insert doesn't
 * mean that no event was made. Where that fails too the hold stays and is settled when it has run out.
 */
async function giveUp(
  { calendar, ledger }: BookAppointmentDeps,
  booking: Booking,
  written: boolean,
): Promise<void> {
  if (written) {
    try {
      await calendar.removeEvent(booking.customerId, booking.eventId);
    } catch (error) {
      if (error instanceof CalendarError) return;
      throw error;
    }
  }
  await ledger.release(booking);
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
      if (code === "taken") throw refusal("taken", await readRules(deps, schedule, request), request);
      // The same request is being worked on, here or in another process: its end is our answer too.
      if (code !== "in_progress" || performance.now() > deadline) throw error;
    }
  }
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
  if (await calendar.hasEvent(booking.customerId, booking.eventId)) return;
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
