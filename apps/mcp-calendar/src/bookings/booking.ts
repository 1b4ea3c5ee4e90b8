/**
 * Bookings: who has which time of a business, from a request to an event in its calendar. `availability.ts` says what
 * is free; `book-appointment.ts`, `reschedule-booking.ts` and `cancel-booking.ts` change bookings; `ledger/` stores them;
 * `sweeper.ts` settles what a crash has left. What agents and admins read is in `tools/` and `management/`, how a
 * calendar is reached in `calendars/`, how slots follow from rules in `packages/scheduling`.
 */

import type { Schedule } from "@cita/calendar-api";
import { type Interval, minuteMs } from "@cita/scheduling";
import type { ServiceChoice } from "../schedules/slot-rules.ts";

/** A booking in any state. */
export type Booking = HeldBooking | ConfirmedBooking | CancelledBooking;

/**
 * A range that is taken before its event is in the calendar. `held`: a call is writing the event. `abandoned`: no call
 * works on the hold any more, and it blocks until what it left in the calendar is settled. `released`: it came to
 * nothing, or has moved its booking.
 */
export type HeldBooking = StoredBooking & {
  readonly status: "held" | "abandoned" | "released";
  /** The booking that is to be moved here; null: this is to become a booking of its own. */
  readonly moves: string | null;
  /** Whether an event is written for it, under its id as our mark. False: a move that changes its booking's event. */
  readonly writesEvent: boolean;
  /** Who has asked for a move; null: this is no move, or it was held by a version that didn't store this. */
  readonly author: Author | null;
};

/** By what a change was asked for, and the person who did so as events name them. */
export type Author = { readonly by: "agent" | "admin"; readonly actor: string | null };

/** The hold of the range that a booking is to be moved to. */
export type HeldMove = HeldBooking & { readonly moves: string };

/** A booking whose event is in the calendar. */
export type ConfirmedBooking = StoredBooking & BookedEvent & { readonly status: "confirmed" };

/** A booking that was confirmed, and whose event was removed. */
export type CancelledBooking = StoredBooking & BookedEvent & { readonly status: "cancelled" };

/** What a booking's event adds to the booking. */
export type BookedEvent = {
  /** The id that the event has at the provider. */
  readonly eventId: string;
  /** Our mark on the event: the id of the hold that it was written for. */
  readonly mark: string;
  readonly timeZone: string;
  readonly meetLink: string | null;
  readonly invitation: InvitationState;
};

/**
 * What became of the attendee's invitation. `pending`: the booking stands, and its attendee is still to be invited.
 * `refused`: the attendee wasn't invited, and won't be. null: nobody was to be invited.
 */
export type InvitationState = "pending" | "sent" | "refused" | null;

/** A booking that takes time, with only what decides who has which time. */
export type LedgerEntry =
  | (Occupation & Pick<HeldBooking, "status" | "moves">)
  | (Occupation & Pick<ConfirmedBooking, "status" | "timeZone" | "eventId" | "mark">);

export type ConfirmedEntry = Extract<LedgerEntry, { status: "confirmed" }>;

type StoredBooking = Occupation & {
  readonly attendee: Attendee;
  readonly notes: string | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
};

type Occupation = Interval &
  ServiceBuffers & {
    readonly id: string;
    readonly customerId: string;
    /** The account whose calendar its event is in, by its provider and the provider's id of it; null: not known. */
    readonly accountId: string | null;
    /** Which of the service's seats it takes, from 0. */
    readonly seat: number;
    /** Later holds have higher numbers. */
    readonly sequence: number;
    /** Epoch milliseconds. */
    readonly updatedAt: number;
    /** Differs after each change, also where two are made within a millisecond. */
    readonly version: number;
  };

/** The service of a booking, and the time that stays free around it. */
export type ServiceBuffers = {
  readonly service: string;
  readonly bufferBeforeMs: number;
  readonly bufferAfterMs: number;
};

export type Attendee = {
  readonly name: string;
  /** E.164, such as `+573001234567`: one form for all spellings of a number. */
  readonly phone: string | null;
  /** As it was written when it was booked; null: not known, or without a phone. */
  readonly phoneWritten: string | null;
  readonly email: string | null;
  /** The channel's id of the attendee. */
  readonly ref: string | null;
};

/** A range that is requested, with how many bookings of the service may overlap. */
export type RequestedRange = Interval & ServiceBuffers & { readonly capacity: number };

export type BookingRequest = RequestedRange & {
  readonly customerId: string;
  readonly attendee: Attendee;
  readonly notes: string | null;
  /** The caller's own arguments, by which a repeated request is recognised: a service may be set up anew in between. */
  readonly asked: { readonly service: string | null; readonly durationMinutes: number | null };
  /** The same key with the same request is the same booking, however often it is sent. */
  readonly idempotencyKey: string | null;
};

/** The range that a service takes when it begins at a time (epoch milliseconds). */
export function toRange({ service, durationMs }: ServiceChoice, start: number): RequestedRange {
  return {
    start,
    end: start + durationMs,
    service: service.id,
    bufferBeforeMs: service.buffer_before_minutes * minuteMs,
    bufferAfterMs: service.buffer_after_minutes * minuteMs,
    capacity: service.capacity,
  };
}

/** The service of a booking as the schedule has it now; of a service that is no longer offered, as it was booked. */
export function bookedChoice({ services }: Schedule, booking: ConfirmedBooking): ServiceChoice {
  const durationMs = booking.end - booking.start;
  const service = services.find(({ id }) => id === booking.service) ?? {
    id: booking.service,
    name: booking.service,
    duration_minutes: durationMs / minuteMs,
    buffer_before_minutes: booking.bufferBeforeMs / minuteMs,
    buffer_after_minutes: booking.bufferAfterMs / minuteMs,
    capacity: 1,
  };
  return { service, durationMs };
}

/** A range with its buffers: no other booking of the same seat may overlap it. */
export function toBlockedSpan(range: Interval & ServiceBuffers): Interval {
  return { start: range.start - range.bufferBeforeMs, end: range.end + range.bufferAfterMs };
}

export function isConfirmed<T extends { readonly status: string }>(
  booking: T,
): booking is Extract<T, { status: "confirmed" }> {
  return booking.status === "confirmed";
}

/** The booking that is to be moved to the range of an entry; null: none. */
export function movedIdOf(entry: LedgerEntry): string | null {
  return entry.status === "confirmed" ? null : entry.moves;
}

/** The booking that a hold becomes once its event is written. */
export function toConfirmed(
  { moves: _, writesEvent: __, author: ___, ...hold }: HeldBooking,
  event: BookedEvent,
): ConfirmedBooking {
  return { ...hold, ...event, status: "confirmed" };
}

/** Whether a booking was ever confirmed: only then its time zone is known. */
export function wasConfirmed(booking: Booking): booking is ConfirmedBooking | CancelledBooking {
  return booking.status === "confirmed" || booking.status === "cancelled";
}

/** Whether a booking's event is in the calendar of another account than the one that is connected. */
export function isStranded({ accountId }: Pick<Booking, "accountId">, connected: string | null): boolean {
  return accountId !== null && connected !== null && accountId !== connected;
}

/** Names an account among those of all providers, since two of them may give the same id. null: its id isn't known. */
export function accountKey(account: {
  readonly provider: string;
  readonly accountId: string | null;
}): string | null {
  return account.accountId === null ? null : `${account.provider}:${account.accountId}`;
}
