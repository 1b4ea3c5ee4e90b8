/**
 * The ledger: bookings in the database, and who has which time. This file is the contract. `open-ledger.ts` puts it
 * together: `LookUps` of `look-ups.ts`, `Holds` of `holds.ts`, `Moves` of `moves.ts`, `TakeOvers` and `ReleasedHolds` of
 * `take-overs.ts`, `Cancellations` and `FollowedChanges` of `confirmed-bookings.ts`, `Invitations` of
 * `invitations.ts`, `AttendeeLimits` of `attendee-limits.ts`. What becomes of bookings is written into the event log in
 * the same transaction (`events.ts`).
 * Nothing here calls the calendar or knows a schedule.
 */

import type { BoundAttendee } from "@cita/mcp-endpoint";
import type { Interval } from "@cita/scheduling";
import type { OwnMark } from "../../calendars/calendar.ts";
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
 * Where bookings are stored. The database decides who has a time: holding and confirming are one statement each, and no
 * transaction stays open while the calendar is called.
 */
export type Ledger = LookUps &
  Holds &
  Moves &
  TakeOvers &
  ReleasedHolds &
  Cancellations &
  FollowedChanges &
  Invitations &
  AttendeeLimits & {
    /** @throws when the database doesn't answer. */
    check(): Promise<void>;
    /** The same ledger, for changes that admins ask for: events say so. */
    forAdmins(): Ledger;
  };

export type LookUps = {
  find(customerId: string, bookingId: string): Promise<Booking | undefined>;
  /** Confirmed bookings that overlap a range, soonest first. */
  list(customerId: string, filter: BookingFilter): Promise<ConfirmedBooking[]>;
  /** Confirmed and cancelled bookings after a position, in order of start and id, or in the opposite order. */
  page(customerId: string, filter: PageFilter): Promise<(ConfirmedBooking | CancelledBooking)[]>;
  /** How many confirmed bookings that start after a time (epoch milliseconds) are in another account's calendar. */
  countStranded(
    customerId: string,
    from: { readonly accountId: string; readonly after: number },
  ): Promise<number>;
  /** Holds, including those of moves, and confirmed bookings: those that block time in a span, and those of the events. */
  listInForce(customerId: string, span: Interval, shown: ShownEvents): Promise<LedgerEntry[]>;
};

/** Events of ours that a reading has shown. */
export type ShownEvents = {
  /** The account whose calendar was read; null: not known. */
  readonly accountId: string | null;
  readonly marks: readonly OwnMark[];
};

/** From a request to a confirmed booking, or to nothing. */
export type Holds = {
  /**
   * The booking of an earlier, equal request: found by its key, or without a key by attendee, service and start.
   * @throws BookingError `idempotency_conflict`, `in_progress`, `cancelled_since`
   */
  findRepeated(request: BookingRequest): Promise<ConfirmedBooking | undefined>;
  /**
   * Takes the range and one of the service's seats for this instance.
   * @throws BookingError `taken`, `too_many_open`, and as `findRepeated`
   * @returns the new hold, or the booking of an earlier, equal request.
   */
  hold(request: BookingRequest, terms: HoldTerms): Promise<HeldBooking | ConfirmedBooking>;
  /** Whether the hold still stands: an instance that settles it takes it over first. */
  isHeld(hold: HeldBooking): Promise<boolean>;
  /**
   * Where the event's invitation is pending, this instance is the one to send it: in the same statement.
   * @returns false when the hold was taken over.
   */
  confirm(hold: HeldBooking, event: BookedEvent): Promise<boolean>;
  /** Ends a hold that has left nothing in the calendar, unless it was taken over since it was read. */
  release(hold: HeldBooking): Promise<void>;
  /**
   * Gives up a hold whose event may be in the calendar. It blocks its range until the sweeper has settled it.
   * @param due `later`: settling has just been tried, so the sweeper waits before it tries again.
   */
  abandon(hold: HeldBooking, due: "now" | "later"): Promise<void>;
  /** Ends the work of a call on the hold. A hold that is still held then is taken over by the sweeper. */
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
  /**
   * Takes the range that a booking is to be moved to. The booking's own range doesn't block it.
   * @throws BookingError `taken`, `in_progress`
   */
  holdMove(booking: ConfirmedBooking, to: RequestedRange, terms: HoldTerms): Promise<HeldMove>;
  /** The unsettled move of a booking, if there is one. The booking's event may be at either time then. */
  findMove(booking: Pick<Booking, "id">): Promise<HeldMove | undefined>;
  /**
   * Gives the booking the range of its move and ends the move, in one transaction.
   * @param event where the move has written an event of its own.
   * @returns false when the hold was taken over or the booking isn't confirmed any more.
   */
  completeMove(move: HeldMove, event?: BookedEvent): Promise<boolean>;
};

/** Taking over what no call works on, to settle it. */
export type TakeOvers = {
  /**
   * Takes over holds that no call works on: those of instances that are gone, those of this instance that were left
   * behind, and abandoned ones, except those whose settling was begun less than `settleAgainMs` ago. From then on they
   * can't be confirmed.
   */
  takeOverAbandoned(limit: number, settleAgainMs: number): Promise<HeldBooking[]>;
  /** Takes over cancellations that no call works on, as `takeOverAbandoned` does holds. */
  takeOverCancellations(limit: number): Promise<ConfirmedBooking[]>;
};

export type ReleasedHolds = {
  /**
   * Abandons released holds whose events are in the calendar all the same, so that the sweeper removes the events.
   * @param marks of the events: the ids of their holds.
   * @param reading when the events were read. Holds that were released within that time are left alone, since the
   * reading may be older than their release; a release after that time was recorded by a clock that was ahead.
   * @returns whether there were any.
   */
  reopen(customerId: string, marks: readonly string[], reading: Interval): Promise<boolean>;
  /** Deletes holds that were released before a time (epoch milliseconds), oldest first. @returns how many. */
  removeReleased(before: number, limit: number): Promise<number>;
};

export type Cancellations = {
  /**
   * Notes that this instance removes the event from the calendar.
   * @returns false when the booking isn't confirmed any more, or another call removes the event.
   */
  beginCancelling(booking: ConfirmedBooking): Promise<boolean>;
  /** Whether this instance is still noted. */
  isCancelling(booking: ConfirmedBooking): Promise<boolean>;
  /** Takes the note back: the event was not removed, and won't be. */
  endCancelling(booking: ConfirmedBooking): Promise<void>;
  /** Keeps the note although the call has ended, because it isn't known whether the event was removed. */
  leaveCancelling(booking: ConfirmedBooking): void;
  /** Has no effect on a booking that was written into another account's calendar since it was read. */
  cancel(booking: ConfirmedBooking): Promise<void>;
};

/** What the calendar shows of confirmed bookings. */
export type FollowedChanges = {
  /**
   * Stores what was done by hand to a confirmed booking's event, unless the booking has been changed since it was read.
   * @param event its new range; undefined: it was deleted.
   * @param move the move of ours that has changed the event, with its seat. Without one it was done by hand, and takes every
   *   seat, since it isn't known whether the booking's own is free in the new range.
   */
  follow(booking: ConfirmedEntry, event: Interval | undefined, move?: HeldMove): Promise<void>;
  /** Stores the account of bookings that were made before accounts were stored. */
  adopt(customerId: string, bookingIds: readonly string[], accountId: string): Promise<void>;
};

/** Invitations of confirmed bookings that are still to be sent. */
export type Invitations = {
  /** Whether the invitation is pending, and this instance is the one to send it. */
  isInviting(booking: ConfirmedBooking): Promise<boolean>;
  /** Stores what became of it. Has no effect where another instance has taken it over. */
  endInviting(booking: ConfirmedBooking, state: "sent" | "refused"): Promise<void>;
  /** Ends the work of a call on it. An invitation that is still pending then is taken over by the sweeper. */
  leaveInviting(booking: ConfirmedBooking): void;
  /**
   * Takes over pending invitations that no call works on: those of instances that are gone, and those of this instance
   * that were left behind, except those that were taken over less than `inviteAgainMs` ago.
   */
  takeOverInvitations(limit: number, inviteAgainMs: number): Promise<ConfirmedBooking[]>;
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
  /** Deletes changes that were made before a time (epoch milliseconds). @returns how many. */
  removeChanges(before: number, limit: number): Promise<number>;
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
  readonly limit: number;
};

/** Where a page ended. Bookings that are made, moved or cancelled later don't shift it. */
export type BookingPosition = { readonly start: number; readonly id: string };

/** Confirmed bookings in the calendar of another account than this one. */
export type StrandedFrom = { readonly accountId: string };

export type PageFilter = {
  readonly after: BookingPosition;
  /** They start before this; with `latestFirst`, then or later. */
  readonly until: number | undefined;
  readonly latestFirst?: boolean;
  readonly status: "confirmed" | "cancelled" | "all" | StrandedFrom;
  readonly limit: number;
};
