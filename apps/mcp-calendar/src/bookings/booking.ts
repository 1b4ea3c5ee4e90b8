import type { Interval } from "@cita/scheduling";

/** An appointment as the ledger knows it. */
export type Booking = Interval & {
  readonly id: string;
  readonly customerId: string;
  readonly status: BookingStatus;
  /** The id of its event in the calendar, derived from `id`. */
  readonly eventId: string;
  readonly timeZone: string | null;
  readonly service: string;
  readonly attendee: Attendee;
  readonly notes: string | null;
};

/**
 * `held`: the range is ours while the calendar is being written. `confirmed`: it stands in the
 * calendar. `abandoned`: whoever held it is gone; its event, if there is one, is being taken back.
 * `released`: it came to nothing. `cancelled`: it was confirmed, and is no more.
 */
export type BookingStatus = "held" | "confirmed" | "abandoned" | "released" | "cancelled";

export type Attendee = {
  readonly name: string;
  readonly phone: string | null;
  readonly email: string | null;
};

export type BookingRequest = Interval & {
  readonly customerId: string;
  readonly service: string;
  readonly attendee: Attendee;
  readonly notes: string | null;
  /** The same key with the same request is the same booking, however often it is sent. */
  readonly idempotencyKey: string | null;
};

/**
 * `taken`: the ledger or the calendar has something else there; or why the schedule refuses the time.
 * `idempotency_conflict`: the key was used for another request. `in_progress`: the same request is
 * still being worked on elsewhere. `cancelled_since`: it was booked, and the booking is no more.
 */
export class BookingError extends Error {
  override readonly name = "BookingError";
  readonly code:
    | "taken"
    | "outside_hours"
    | "too_soon"
    | "too_far"
    | "idempotency_conflict"
    | "in_progress"
    | "cancelled_since";
  constructor(code: BookingError["code"]) {
    super(`The booking was refused: ${code}.`);
    this.code = code;
  }
}
