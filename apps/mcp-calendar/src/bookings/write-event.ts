/**
 * What booking and moving do with a hold: take it, guard it, write its event while it stands, and give it up. Whether its
 * range is free is checked in `expect-free.ts`.
 */

import { type Interval, isSameInterval } from "@cita/scheduling";
import { CalendarError, type CallOptions, isOutcomeUnknown, type KeptAccess } from "../calendars/calendar.ts";
import { spanOfAlternatives } from "../schedules/slot-rules.ts";
import type { Requester } from "./attempts.ts";
import { type AvailabilityDeps, type AvailabilityQuestion, readAvailability } from "./availability.ts";
import { type Attendee, type BookedEvent, type HeldBooking, isStranded } from "./booking.ts";
import { BookingError, type SlotRefused } from "./booking-error.ts";
import { type EventContent, invitesAttendee, toCalendarEvent } from "./booking-event.ts";
import { expectStillFree, refuseSlot } from "./expect-free.ts";
import { findEvent } from "./find-booking.ts";
import type { HoldTerms } from "./ledger/ledger.ts";
import { retireEvent, toRetired } from "./settlement.ts";

export type BookingDeps = AvailabilityDeps & {
  /** How long after taking a hold its event may be written: longer than all calls of a booking together. */
  holdMs: number;
};

/** Who asks for which service, and under which schedule. */
export type BookingContext = Requester & AvailabilityQuestion;

/**
 * Reserves the requests that a booking or move may need, so that our own budget can't end it half-way: two readings, a
 * `get` of the event, a write, and its undoing; where the attendee is invited also a `get` and a write for that.
 */
export async function withReservedRequests<T>(
  { calendar }: BookingDeps,
  { customerId, schedule }: BookingContext,
  attendee: Pick<Attendee, "email">,
  sequence: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const ofInvitation = invitesAttendee(schedule, attendee) ? 2 : 0;
  const reservation = await calendar.reserve(customerId, {
    readings: 2 * schedule.busy_calendars.length,
    ofEvents: 5 + ofInvitation,
  });
  try {
    return await sequence({ reservation });
  } finally {
    reservation.release();
  }
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

export type Writing = {
  readonly content: EventContent;
  readonly timeZone: string;
  readonly options: CallOptions;
  /** @returns false when the hold was taken away. */
  readonly confirm: (event: BookedEvent) => Promise<boolean>;
};

/**
 * Inserts a hold's event, makes sure that it is the only one in its range, and confirms. Nobody is invited yet, so that an
 * event that is taken back mails nobody. After a failure the event is removed; where that isn't certain the hold is
 * abandoned.
 * @throws BookingError `account_changed` where another account was connected meanwhile, whatever else has failed.
 */
export async function writeEvent(
  deps: BookingDeps,
  context: BookingContext,
  hold: HeldBooking,
  { content, timeZone, options, confirm }: Writing,
): Promise<BookedEvent> {
  const { schedule } = context;
  let access: KeptAccess | undefined;
  let wasSent = false;
  let mayExist = false;
  let eventId: string | null = null;
  const beforeAttempt = async () => {
    await options.beforeAttempt?.();
    wasSent = true;
  };
  try {
    const withMeetLink =
      schedule.add_meet_link && (await deps.calendar.findCapabilities(hold.customerId)).meetLinks;
    const event = toCalendarEvent(content, { schedule, timeZone, mark: hold.id, withMeetLink });
    access = await deps.calendar.keepAccess(hold.customerId);
    const inserting = deps.calendar.insertEvent(hold.customerId, event, { ...options, beforeAttempt });
    const inserted = await inserting.catch((error: unknown) => {
      mayExist = isOutcomeUnknown(error);
      throw error;
    });
    mayExist = true;
    eventId = inserted.eventId;
    const isShown = await expectStillFree(deps, context, hold, { eventId, options });
    if (!isShown) await expectInserted(deps, hold, { eventId, timeZone, options });
    // The readings may be of the account that was connected meanwhile.
    if (await hasOtherAccount(deps, hold)) throw new BookingError("account_changed");
    const invitation = invitesAttendee(schedule, content.attendee) ? "pending" : null;
    const written = { ...inserted, mark: hold.id, timeZone, invitation } as const;
    if (await confirm(written)) return written;
    throw new HoldLostError("the hold was taken over by another instance");
  } catch (error) {
    if (await hasOtherAccount(deps, hold)) {
      const left = wasSent ? access : undefined;
      throw await leaveAccount(deps, hold, { access: left, eventId, options, error });
    }
    if (error instanceof HoldLostError) await giveUpHold(deps, hold);
    else if (mayExist) await removeInserted(deps, hold, { eventId, options });
    else await deps.ledger.release(hold);
    throw error;
  }
}

async function hasOtherAccount({ readAccountId }: BookingDeps, hold: HeldBooking): Promise<boolean> {
  return isStranded(hold, await readAccountId(hold.customerId));
}

type LeftAccount = {
  /** undefined: nothing was written. */
  readonly access: KeptAccess | undefined;
  readonly eventId: string | null;
  readonly options: CallOptions;
  readonly error: unknown;
};

/**
 * Removes what was written into the calendar of an account that isn't connected any more, and releases the hold. An event
 * that can't be removed, since the access was revoked, is removed once a reading of that account shows it.
 * @returns the error for the caller.
 * @see docs/decisions/0070-accounts-that-change-midway.md
 */
async function leaveAccount(
  deps: BookingDeps,
  hold: HeldBooking,
  { access, eventId, options: { reservation }, error }: LeftAccount,
): Promise<BookingError> {
  let cause = error;
  try {
    await access?.retireEvent(toRetired(hold, eventId), { reservation });
  } catch (failure) {
    if (!(failure instanceof CalendarError)) throw failure;
    cause = failure;
  }
  await deps.ledger.release(hold);
  return new BookingError("account_changed", { cause });
}

/** A reading may lag behind. A `get` of the event doesn't. */
async function expectInserted(
  deps: BookingDeps,
  hold: HeldBooking,
  { eventId, timeZone, options }: { eventId: string; timeZone: string; options: CallOptions },
): Promise<void> {
  const event = await findEvent(deps, { ...hold, eventId, mark: hold.id, timeZone }, options);
  if (event.kind === "found" && isSameInterval(event, hold)) return;
  if (event.kind === "gone") {
    if (await deps.ledger.isHeld(hold)) throw new BookingError("cancelled_since");
    throw new HoldLostError("the hold was taken over by another instance");
  }
  throw new CalendarError("calendar_unavailable", "the event that was written is not in the calendar");
}

async function removeInserted(
  deps: BookingDeps,
  hold: HeldBooking,
  { eventId, options }: { eventId: string | null; options: CallOptions },
): Promise<void> {
  const { reservation } = options;
  try {
    await retireEvent(deps, hold, eventId, { reservation });
  } catch (error) {
    await deps.ledger.abandon(hold, "later");
    if (error instanceof CalendarError) return;
    throw error;
  }
  await deps.ledger.release(hold);
}

/** Abandons a lost hold, and has the sweeper settle at once what was written for it. */
export async function giveUpHold({ ledger, settleSoon }: BookingDeps, hold: HeldBooking): Promise<void> {
  await ledger.abandon(hold, "now");
  settleSoon();
}
