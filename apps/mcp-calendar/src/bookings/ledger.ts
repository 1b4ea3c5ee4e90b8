import type { BoundAttendee } from "@cita/mcp-endpoint";
import type { Interval } from "@cita/scheduling";
import type { Booking, BookingRequest, HoldTerms, Invitation, LedgerEntry, Place } from "./booking.ts";

/**
 * Who has which time. The database decides who wins: holding and confirming are one statement each,
 * and no transaction stays open while the calendar is called.
 */
export type Ledger = Holds &
  Changes &
  AttendeeLimits & {
    find(customerId: string, bookingId: string): Promise<Booking | undefined>;
    /** Confirmed bookings that overlap a range, soonest first. */
    list(customerId: string, filter: BookingFilter): Promise<Booking[]>;
    /** Bookings that were confirmed once, by start and then id, beginning after a position. */
    page(customerId: string, filter: PageFilter): Promise<Booking[]>;
    /** How many confirmed bookings that start after a time (epoch milliseconds) are in another account's calendar. */
    countStranded(
      customerId: string,
      from: { readonly accountId: string; readonly after: number },
    ): Promise<number>;
    /** Holds and confirmed bookings, and the holds of moves, whose blocked time overlaps a range or whose event is named. */
    inForce(customerId: string, span: Interval, eventIds: readonly string[]): Promise<LedgerEntry[]>;
    check(): Promise<void>;
  };

/** From a request to a confirmed booking, or to nothing. */
export type Holds = {
  /**
   * The booking that the same request has led to before: by its key, or, where it has none, by the person, the
   * service and the start of one that stands.
   * @throws BookingError `idempotency_conflict`, `in_progress`, `cancelled_since`
   */
  findRepeated(request: BookingRequest): Promise<Booking | undefined>;
  /**
   * Takes the range and one of the service's places for this instance.
   * @throws BookingError `taken`, `too_many_open`, and as `findRepeated`
   * @returns the new hold, or the booking that the same request has led to before.
   */
  hold(request: BookingRequest, terms: HoldTerms): Promise<Booking>;
  /** Takes the range a booking is to be moved to; its own doesn't stand in the way. @throws BookingError `taken`, `in_progress` */
  holdMove(booking: Booking, to: Place, terms: HoldTerms): Promise<Booking>;
  /** The move of it that isn't settled yet, if there is one: then its event may be at either time. */
  moveOf(booking: Pick<Booking, "id">): Promise<Booking | undefined>;
  /** Whether the hold is still this instance's: whoever settles it takes it away first. */
  isHeld(hold: Booking): Promise<boolean>;
  /** @returns false when the hold was taken away. */
  confirm(hold: Booking, written: Written): Promise<boolean>;
  /**
   * Gives the booking the range of its move and ends that, in one transaction.
   * @returns false when the hold was taken away or the booking is no more.
   */
  completeMove(move: Booking, written?: Written): Promise<boolean>;
  /** Ends a hold of which nothing is left in the calendar, unless it was taken over since it was read. */
  release(hold: Booking): Promise<void>;
  /**
   * Gives a hold up of which something may be left in the calendar: it blocks until that is settled.
   * @param due `later`: that has just been tried, and is tried again as if the sweeper had.
   */
  abandon(hold: Booking, due: "now" | "later"): Promise<void>;
  /**
   * Takes over holds that nobody works on: of instances that are gone, those given up, and those of this
   * instance that none of its calls works on; and of them those whose settling was begun longer than
   * `settleAgainMs` ago and not finished. From then on they can't be confirmed.
   */
  claimAbandoned(most: number, settleAgainMs: number): Promise<Booking[]>;
  /**
   * Abandons released bookings again whose events are in the calendar all the same.
   * @param reading when the events were shown: those released in that time are left alone, since what showed
   * them may be older. One that seems to be released after it was released by a clock that was ahead.
   * @returns whether there were any.
   */
  reopen(customerId: string, eventIds: readonly string[], reading: Interval): Promise<boolean>;
  /** Removes holds that were released before a time (epoch milliseconds), oldest first. @returns how many. */
  removeReleased(before: number, most: number): Promise<number>;
  /** Nobody of this instance works on the hold any more: if it is still held then, it was left behind. */
  leave(hold: Booking): void;
};

/** What is known of an event once it was written. */
export type Written = {
  readonly timeZone: string;
  readonly meetLink: string | null;
  readonly invitation: Invitation | null;
};

/** What becomes of a confirmed booking. */
export type Changes = {
  /**
   * Notes that this instance takes the event out of the calendar.
   * @returns false when it isn't confirmed any more, or somebody else is at it.
   */
  beginCancelling(booking: Booking): Promise<boolean>;
  /** Whether this instance still does. */
  isCancelling(booking: Booking): Promise<boolean>;
  /** Nothing was taken out of the calendar, and nothing will be. */
  endCancelling(booking: Booking): Promise<void>;
  /** This instance is at it no more, and nobody knows whether the event was taken out. */
  leaveCancelling(booking: Booking): void;
  /** Unless it was written anew into another account's calendar since it was read. */
  cancel(booking: Booking): Promise<void>;
  /** Takes over cancellations that nobody works on, as `claimAbandoned` does holds. */
  claimCancellations(most: number): Promise<Booking[]>;
  /**
   * Takes over what a person did to a confirmed booking's event, unless it has been changed since it was
   * read: moved (the new range) or deleted (undefined).
   * @param seat where it goes. Default: wherever somebody puts it by hand it takes every place, since
   * nobody has asked whether its own is free there.
   */
  follow(booking: LedgerEntry, event: Interval | undefined, seat?: number): Promise<void>;
  /** Notes of bookings from before accounts were kept whose calendar they are in. */
  adopt(customerId: string, eventIds: readonly string[], accountId: string): Promise<void>;
};

/** Limits of the persons that calls are bound to. */
export type AttendeeLimits = {
  /** Whether the phone number and the reference belong to two persons, by the appointments ahead. */
  hasConflictingIds(customerId: string, person: BoundAttendee): Promise<boolean>;
  /**
   * Counts a change before it is made.
   * @returns the id for `endChange` or, if nothing was changed, `dropChange`; undefined: another call is making the
   * same change and has counted it.
   * @throws BookingError `too_many_changes`, `cancellations_stopped`
   */
  beginChange(customerId: string, person: BoundAttendee, change: Change): Promise<number | undefined>;
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
  /** Only this person's bookings; `phone` and `email` are then ignored. */
  readonly person?: BoundAttendee;
  readonly phone?: string;
  readonly email?: string;
  readonly most: number;
};

/** A place in the order of pages; it stays where it is whatever is booked, moved or cancelled. */
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
