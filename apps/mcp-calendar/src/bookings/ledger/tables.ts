import type { Generated } from "kysely";
import type { Booking } from "../booking.ts";

/** `*_ms` are epoch milliseconds. */
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
    sequence: number;
    /** By the clock of the instance that holds it. Only backups use it. */
    held_until_ms: number;
    /** The instance that holds it. */
    instance_id: string | null;
    /** The instance that is removing its event from the calendar; null: none. */
    cancelling_instance_id: string | null;
    /** The provider's id of the account whose calendar it was written into; null: not known. */
    account_id: string | null;
    event_id: string;
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
    invitation: "sent" | "refused" | null;
    idempotency_key: string | null;
    request_hash: string;
    created_at: string;
    updated_at: string;
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
