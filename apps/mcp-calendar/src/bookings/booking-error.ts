import type { ConfirmedBooking } from "./booking.ts";

/**
 * Why a booking or a change of one is refused.
 * - `taken`: the ledger or the calendar has something else at that time.
 * - `outside_hours`, `too_soon`, `too_far`: the schedule refuses the time.
 * - `idempotency_conflict`: the key was used for another request.
 * - `in_progress`: another call works on the same request or booking.
 * - `not_found`: there is no such booking.
 * - `cancelled_since`: it was booked, and has been cancelled.
 * - `begun`: its time has come, so it can't be changed.
 * - `series`: the business has made its event a recurring one.
 * - `unsettled`: it isn't known yet whether the event was moved.
 * - `stranded`: its event is in the calendar of an account that isn't connected now.
 * - `account_changed`: another account was connected meanwhile, and nothing was booked or moved.
 * - `too_many_open`: the attendee has as many bookings ahead as allowed.
 * - `too_many_changes`: the attendee has made as many changes within the hour as allowed.
 * - `cancellations_stopped`: all attendees of the customer together have cancelled as many as allowed.
 */
export type BookingErrorCode =
  | "taken"
  | "outside_hours"
  | "too_soon"
  | "too_far"
  | "idempotency_conflict"
  | "in_progress"
  | "not_found"
  | "cancelled_since"
  | "begun"
  | "series"
  | "unsettled"
  | "stranded"
  | "account_changed"
  | "too_many_open"
  | "too_many_changes"
  | "cancellations_stopped";

export class BookingError extends Error {
  override readonly name: string = "BookingError";
  readonly code: BookingErrorCode;
  constructor(code: BookingErrorCode, options?: ErrorOptions) {
    super(`The booking was refused: ${code}.`, options);
    this.code = code;
  }
}

/** A refusal that can name other times: `alternatives` are free starts, in order of time. */
export class SlotRefused extends BookingError {
  override readonly name = "SlotRefused";
  readonly timeZone: string;
  readonly alternatives: readonly number[];
  constructor(code: BookingErrorCode, timeZone: string, alternatives: readonly number[]) {
    super(code);
    this.timeZone = timeZone;
    this.alternatives = alternatives;
  }
}

/** The booking's event was moved in the calendar itself. `booking` has the range in which it is now. */
export class BookingMovedByHand extends Error {
  override readonly name = "BookingMovedByHand";
  readonly booking: ConfirmedBooking;
  constructor(booking: ConfirmedBooking) {
    super("The booking was moved in the calendar itself.");
    this.booking = booking;
  }
}
