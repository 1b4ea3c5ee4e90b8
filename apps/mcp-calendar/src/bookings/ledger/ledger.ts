import type { BoundAttendee } from "@cita/mcp-endpoint";
import type { Interval } from "@cita/scheduling";
import type {
  BookedEvent,
  Booking,
  BookingRequest,
  CancelledBooking,
  ConfirmedBooking,
  ConfirmedEntry,
  HeldBooking,
  HeldMove,
  LedgerEntry,
  RequestedRange,
} from "../booking.ts";

/**
 * The ledger: where bookings are stored, and who has which time. This file is the contract; `open-ledger.ts` puts it
 * together of its parts, each over a table of this service's database: `LookUps` in `look-ups.ts`, `Holds` in
 * `holds.ts`, `Moves` in `moves.ts`, `TakeOvers` and `ReleasedHolds` in `take-overs.ts`, `Cancellations` and
 * `FollowedChanges` in `confirmed-bookings.ts`, `AttendeeLimits` in `attendee-limits.ts`. `services.ts` wraps it once,
 * to record what is done (`activity/booking-activity.ts`). Nothing here calls the calendar or knows a schedule.
 *
 * The database decides who wins: holding and confirming are one statement each, and no transaction stays open while
 * the calendar is called.
 */
export type Ledger = LookUps &
  Holds &
  Moves &
  TakeOvers &
  ReleasedHolds &
  Cancellations &
  FollowedChanges &
  AttendeeLimits & {
    /** @throws when the database doesn't answer. */
    check(): Promise<void>;
  };

export type LookUps = {
  find(customerId: string, bookingId: string): Promise<Booking | undefined>;
  /** Confirmed bookings that overlap a range, soonest first. */
  list(customerId: string, filter: BookingFilter): Promise<ConfirmedBooking[]>;
  /** Bookings that were ever confirmed, by start and then id, beginning after a position. */
  page(customerId: string, filter: PageFilter): Promise<(ConfirmedBooking | CancelledBooking)[]>;
  /** How many confirmed bookings that start after a time (epoch milliseconds) are in another account's calendar. */
  countStranded(
    customerId: string,
    from: { readonly accountId: string; readonly after: number },
  ): Promise<number>;
  /** Holds, also those of moves, and confirmed bookings whose blocked time overlaps a range or whose event is named. */
  listInForce(customerId: string, span: Interval, eventIds: readonly string[]): Promise<LedgerEntry[]>;
};

/** From a request to a confirmed booking, or to nothing. */
export type Holds = {
  /**
   * The booking that the same request has led to before: by its key, or, where it has none, by the attendee, the
   * service and the start of a confirmed one.
   * @throws BookingError `idempotency_conflict`, `in_progress`, `cancelled_since`
   */
  findRepeated(request: BookingRequest): Promise<ConfirmedBooking | undefined>;
  /**
   * Takes the range and one of the service's seats for this instance.
   * @throws BookingError `taken`, `too_many_open`, and as `findRepeated`
   * @returns the new hold, or the booking that the same request has led to before.
   */
  hold(request: BookingRequest, terms: HoldTerms): Promise<HeldBooking | ConfirmedBooking>;
  /** Whether the hold is still this instance's: the instance that settles it takes it over first. */
  isHeld(hold: HeldBooking): Promise<boolean>;
  /** @returns false when the hold was taken away. */
  confirm(hold: HeldBooking, event: BookedEvent): Promise<boolean>;
  /** Ends a hold of which nothing is left in the calendar, unless it was taken over since it was read. */
  release(hold: HeldBooking): Promise<void>;
  /**
   * Gives a hold up of which something may be left in the calendar: it blocks until that is settled.
   * @param due `later`: that has just been tried, and is tried again as if the sweeper had.
   */
  abandon(hold: HeldBooking, due: "now" | "later"): Promise<void>;
  /** No call of this instance works on the hold any more: if it is still held then, it was left behind. */
  leave(hold: HeldBooking): void;
};

/** Under which terms a range is held. */
export type HoldTerms = {
  /** Epoch milliseconds. */
  readonly until: number;
  /** The account that is connected now; null: not known. */
  readonly accountId: string | null;
  /** How many bookings ahead the attendee may have, this one included; null: no limit. */
  readonly maxOpenBookings: number | null;
};

export type Moves = {
  /** Takes the range a booking is to be moved to; its own range doesn't block it. @throws BookingError `taken`, `in_progress` */
  holdMove(booking: ConfirmedBooking, to: RequestedRange, terms: HoldTerms): Promise<HeldMove>;
  /** The move of a booking that isn't settled yet, if there is one: then its event may be at either time. */
  findMove(booking: Pick<Booking, "id">): Promise<HeldMove | undefined>;
  /**
   * Gives the booking the range of its move and ends that, in one transaction.
   * @param event of a move that has written an event of its own.
   * @returns false when the hold was taken away or the booking isn't confirmed any more.
   */
  completeMove(move: HeldMove, event?: BookedEvent): Promise<boolean>;
};

/** What no call works on any more, to be settled. */
export type TakeOvers = {
  /**
   * Takes over holds that no call works on: those of instances that are gone, those of this instance that were left
   * behind, and abandoned ones, except those whose settling was begun less than `settleAgainMs` ago. From then on they
   * can't be confirmed.
   */
  takeOverAbandoned(most: number, settleAgainMs: number): Promise<HeldBooking[]>;
  /** Takes over cancellations that no call works on, as `takeOverAbandoned` does holds. */
  takeOverCancellations(most: number): Promise<ConfirmedBooking[]>;
};

export type ReleasedHolds = {
  /**
   * Abandons released bookings again whose events are in the calendar all the same.
   * @param reading when the events were shown: those released in that time are left alone, since what showed
   * them may be older. One that seems to be released after it was released by a clock that was ahead.
   * @returns whether there were any.
   */
  reopen(customerId: string, eventIds: readonly string[], reading: Interval): Promise<boolean>;
  /** Removes holds that were released before a time (epoch milliseconds), oldest first. @returns how many. */
  removeReleased(before: number, most: number): Promise<number>;
};

export type Cancellations = {
  /**
   * Notes that this instance removes the event from the calendar.
   * @returns false when the booking isn't confirmed any more, or another call removes the event.
   */
  beginCancelling(booking: ConfirmedBooking): Promise<boolean>;
  /** Whether this instance is still noted. */
  isCancelling(booking: ConfirmedBooking): Promise<boolean>;
  /** The event was not removed, and won't be. */
  endCancelling(booking: ConfirmedBooking): Promise<void>;
  /** This call has ended, and it isn't known whether the event was removed. */
  leaveCancelling(booking: ConfirmedBooking): void;
  /** Has no effect on a booking that was written into another account's calendar since it was read. */
  cancel(booking: ConfirmedBooking): Promise<void>;
};

/** What the calendar shows of confirmed bookings. */
export type FollowedChanges = {
  /**
   * Stores what was done by hand to a confirmed booking's event, unless the booking has been changed since it was read.
   * @param event its new range; undefined: it was deleted.
   * @param seat Default: every seat, since it isn't known whether the booking's own is free in the new range.
   */
  follow(booking: ConfirmedEntry, event: Interval | undefined, seat?: number): Promise<void>;
  /** Notes of bookings from before accounts were kept whose calendar they are in. */
  adopt(customerId: string, eventIds: readonly string[], accountId: string): Promise<void>;
};

/** Limits of the attendees that calls are bound to. */
export type AttendeeLimits = {
  /** Whether the phone number and the reference belong to two attendees, by the bookings ahead. */
  hasConflictingIds(customerId: string, attendee: BoundAttendee): Promise<boolean>;
  /**
   * Counts a change before it is made.
   * @returns the id for `endChange` or, if nothing was changed, `dropChange`; undefined: another call is making the
   * same change and has counted it.
   * @throws BookingError `too_many_changes`, `cancellations_stopped`
   */
  beginChange(customerId: string, attendee: BoundAttendee, change: Change): Promise<number | undefined>;
  endChange(id: number): Promise<void>;
  dropChange(id: number): Promise<void>;
  /** Forgets changes from before a time (epoch milliseconds). @returns how many. */
  removeChanges(before: number, most: number): Promise<number>;
};

export type Change = {
  readonly kind: "book" | "move" | "cancel";
  /** What is changed, the same text for each repeated call: the booking's id, and for a move its new start. */
  readonly what?: string;
};

export type BookingFilter = Interval & {
  /** Only this attendee's bookings; `phone` and `email` are then ignored. */
  readonly attendee?: BoundAttendee | undefined;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
  readonly most: number;
};

/** A position in the order of pages; it stays where it is whatever is booked, moved or cancelled. */
export type BookingPosition = { readonly start: number; readonly id: string };

/** Confirmed bookings in the calendar of another account than this one. */
export type StrandedFrom = { readonly accountId: string };

export type PageFilter = {
  readonly after: BookingPosition;
  /** They start before this. */
  readonly until: number | undefined;
  readonly status: "confirmed" | "cancelled" | "all" | StrandedFrom;
  readonly most: number;
};
