import type { Interval } from "@cita/scheduling";

/** An appointment as the ledger knows it. */
export type Booking = Interval &
  Claim & {
    readonly id: string;
    readonly customerId: string;
    readonly status: BookingStatus;
    /** The id of its event in the calendar, derived from `id`. */
    readonly eventId: string;
    readonly timeZone: string | null;
    readonly attendee: Attendee;
    readonly notes: string | null;
    readonly meetLink: string | null;
    /** Whether the provider invited the attendee; null: nobody was to be invited. */
    readonly invitation: Invitation | null;
    /** The provider's id of the account whose calendar its event is in; null: not known. */
    readonly accountId: string | null;
    /** Which of the service's places it takes, from 0. */
    readonly seat: number;
    /** The booking that is to be moved here, when this is the hold of a move. */
    readonly moves: string | null;
    /** Later holds have higher numbers. */
    readonly sequence: number;
    /** Epoch milliseconds, like `updatedAt`. */
    readonly createdAt: number;
    readonly updatedAt: number;
  };

/** `refused`: the appointment stands, and the provider has sent nothing. */
export type Invitation = "sent" | "refused";

/** What of a booking bears on who has which time. */
export type LedgerEntry = Interval &
  Claim &
  Pick<
    Booking,
    | "id"
    | "customerId"
    | "status"
    | "eventId"
    | "timeZone"
    | "accountId"
    | "seat"
    | "moves"
    | "sequence"
    | "updatedAt"
  >;

/** What of a business a booking takes beside its time. */
export type Claim = {
  readonly service: string;
  readonly bufferBeforeMs: number;
  readonly bufferAfterMs: number;
};

/**
 * `held`: the range is ours while the calendar is being written. `confirmed`: it stands in the
 * calendar. `abandoned`: nobody works on the hold any more; it blocks until what it left in the calendar is
 * settled. `released`: it came to nothing, or has moved its booking. `cancelled`: it was confirmed, and is no more.
 */
export type BookingStatus = "held" | "confirmed" | "abandoned" | "released" | "cancelled";

export type Attendee = {
  readonly name: string;
  /** E.164: `+573001234567`. One form for all spellings of a line's. */
  readonly phone: string | null;
  /** As it was written when it was booked; null: not known, or without a phone. */
  readonly phoneWritten: string | null;
  readonly email: string | null;
  /** The channel's id of the person. */
  readonly ref: string | null;
};

/** Under which terms a range is held. */
export type HoldTerms = {
  /** Epoch milliseconds. */
  readonly until: number;
  /** The account that is connected now; null: not known. */
  readonly accountId: string | null;
  /** How many appointments ahead the person may have, this one included; null: no limit. */
  readonly maxOpenBookings: number | null;
};

/** A range of time that is wanted, with how many appointments of the service may overlap. */
export type Place = Interval & Claim & { readonly capacity: number };

export type BookingRequest = Place & {
  readonly customerId: string;
  readonly attendee: Attendee;
  readonly notes: string | null;
  /** In the caller's words: how a service is set up may change between two tries. */
  readonly asked: { readonly service: string | null; readonly durationMinutes: number | null };
  /** The same key with the same request is the same booking, however often it is sent. */
  readonly idempotencyKey: string | null;
};

/**
 * `taken`: the ledger or the calendar has something else there; or why the schedule refuses the time.
 * `idempotency_conflict`: the key was used for another request. `in_progress`: the same request is
 * still being worked on elsewhere. `not_found`: there is no such booking. `cancelled_since`: it was
 * booked, and the booking is no more. `begun`: its time has come, so it can't be changed.
 * `series`: the business has made its event a recurring one. `unsettled`: it may have been moved or not;
 * the calendar will tell. `stranded`: it was written into the calendar of an account that isn't connected now.
 * `too_many_open`: the person has as many appointments ahead as allowed. `too_many_changes`: the person has made as
 * many changes within the hour as allowed. `cancellations_stopped`: all of a customer's persons together have.
 */
export type RefusalCode =
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
  | "too_many_open"
  | "too_many_changes"
  | "cancellations_stopped";

export class BookingError extends Error {
  override readonly name: string = "BookingError";
  readonly code: RefusalCode;
  constructor(code: RefusalCode, options?: ErrorOptions) {
    super(`The booking was refused: ${code}.`, options);
    this.code = code;
  }
}

/** A refusal that can name other times: `alternatives` are free starts, in order of time. */
export class SlotRefused extends BookingError {
  override readonly name = "SlotRefused";
  readonly timeZone: string;
  readonly alternatives: readonly number[];
  constructor(code: RefusalCode, timeZone: string, alternatives: readonly number[]) {
    super(code);
    this.timeZone = timeZone;
    this.alternatives = alternatives;
  }
}

/** A person has moved the booking's event in the calendar: `booking` is where it is now. */
export class BookingMovedByHand extends Error {
  override readonly name = "BookingMovedByHand";
  readonly booking: Booking;
  constructor(booking: Booking) {
    super("The booking was moved in the calendar itself.");
    this.booking = booking;
  }
}
