import type { Generated, Selectable } from "kysely";
import type { Author, Booking, InvitationState } from "../booking.ts";

/** The tables of the ledger. `*_ms` are epoch milliseconds. */
export type BookingTables = {
  bookings: {
    id: string;
    customer_id: string;
    status: Booking["status"];
    start_ms: number;
    end_ms: number;
    /** The range with its buffers. Those of two bookings on one seat don't overlap. */
    blocked_from_ms: number;
    blocked_until_ms: number;
    seat: number;
    /** Ascends within a customer. Only SQLite's inserts name it. */
    sequence: Generated<number>;
    /** By the clock of the instance that holds it. Only backups use it. */
    held_until_ms: number;
    /** The instance that holds it or settles it, and after that sends its invitation. */
    instance_id: string | null;
    /** The instance that is removing its event from the calendar; null: none. */
    cancelling_instance_id: string | null;
    /** Who has asked for the move or the cancellation that is under way; null: none is. */
    asked_by: Author["by"] | null;
    asked_actor: string | null;
    /** The account whose calendar it was written into, by `accountKey`; null: not known. */
    account_id: string | null;
    /** The provider's id of its event; null: not written yet, or written without an answer. */
    event_id: string | null;
    /** `BookedEvent.mark`; null: not written yet, or by 0.1.0, whose marks are the ids of bookings. */
    event_mark: string | null;
    /** 1: an event of its own is written for it. 0: the hold of a move that changes the booking's event. */
    writes_event: Generated<number>;
    moves_id: string | null;
    /** null: the booking was never confirmed. */
    time_zone: string | null;
    service: string;
    attendee_name: string;
    /** The name in the form in which names are compared; null: stored before this column. */
    attendee_name_key: string | null;
    attendee_phone: string | null;
    attendee_phone_written: string | null;
    attendee_email: string | null;
    /** The channel's id of the attendee. */
    attendee_ref: string | null;
    notes: string | null;
    meet_link: string | null;
    /** null: nobody was to be invited. */
    invitation: InvitationState;
    /** Until when a pending invitation that couldn't be sent is left alone; null: it wasn't tried again yet. */
    invite_after_ms: number | null;
    idempotency_key: string | null;
    request_hash: string;
    created_at: string;
    updated_at: string;
    /** Incremented with each change of the status, the range or the event. Instances of 0.1.0 don't increment it. */
    version: Generated<number>;
  };
  /** Changes of the last hour by attendees that calls are bound to, which `AttendeeLimits` counts. */
  attendee_changes: {
    /** Ascends, and is never given twice. */
    id: Generated<number>;
    customer_id: string;
    attendee_phone: string | null;
    attendee_ref: string | null;
    /** `book`, `cancel` or `move`. */
    kind: string;
    /** `Change.what` until the change has ended, then null. A call with the same value repeats the change. */
    under_way: string | null;
    at_ms: number;
  };
};

export type BookingRow = Selectable<BookingTables["bookings"]>;
