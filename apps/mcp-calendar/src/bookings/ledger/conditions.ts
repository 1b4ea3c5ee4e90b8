/**
 * The conditions that the ledger's queries share: on a booking's status, customer, time and attendee. Whose a booking is
 * stands here as a function too (`belongsTo`).
 */

import type { EventLog } from "@cita/events";
import type { BoundAttendee } from "@cita/mcp-endpoint";
import { dayMs, type Interval } from "@cita/scheduling";
import { type Expression, type Kysely, type SqlBool, sql } from "kysely";
import type { Booking } from "../booking.ts";
import type { BookingTables } from "./tables.ts";

export type LedgerDb = Kysely<BookingTables>;

/** The key of who decides by a customer's bookings: which time is free, and how many an attendee has. */
export const bookingsKey = (customerId: string) => `bookings of ${customerId}`;

/** What each part of the ledger is made of. */
export type LedgerPartDeps = {
  readonly db: LedgerDb;
  readonly events: Pick<EventLog, "transaction">;
  /** Who asks for the changes that are made through this part. */
  readonly by: "agent" | "admin";
  /** The instance whose holds and cancellations these are. */
  readonly instanceId: string;
  readonly now: () => number;
};

// Statuses are literals in the queries: SQLite uses a partial index only where it can see that the rows are in it.
const status = (name: Booking["status"]) => sql.lit(name);
export const confirmed = status("confirmed");
export const released = status("released");
export const unsettled = [status("held"), status("abandoned")];
/** Rows that take time: holds until they are settled, and confirmed bookings. */
export const live = [...unsettled, confirmed];
export const everConfirmed = [confirmed, status("cancelled")];

/** A seat number beyond any capacity: a booking with it takes every seat. */
export const everySeat = 1_000;

/**
 * Bounds scans by start. Bookings are made for 12 hours at most. An event that somebody has stretched beyond two days is
 * found only where the question covers its start.
 */
export const longestBookingMs = 2 * dayMs;

/** All rows of a customer. The second half is the condition of the index `bookings_by_customer`. */
export function isOfCustomer(customerId: string) {
  return sql<boolean>`(customer_id = ${customerId} and customer_id <> '')`;
}

export function selectLive(db: LedgerDb, customerId: string) {
  return db.selectFrom("bookings").where("customer_id", "=", customerId).where("status", "in", live);
}

export function overlaps({ start, end }: Interval) {
  // A booking whose event was given no duration by hand blocks nothing.
  return sql<boolean>`(blocked_until_ms > ${start} and blocked_from_ms < ${end} and blocked_from_ms < blocked_until_ms)`;
}

/** The ids that a booking has of its attendee. */
export type AttendeeIds = { readonly phone: string | null; readonly ref: string | null };

/**
 * Whether a booking is this attendee's. Where both have a reference the reference decides: a channel never gives it to
 * anybody else, whereas a phone number may have been somebody else's before.
 */
export function belongsTo({ phone, ref }: AttendeeIds, attendee: BoundAttendee): boolean {
  if (attendee.ref !== null && ref !== null) return ref === attendee.ref;
  return attendee.phone !== null && phone === attendee.phone;
}

/** Either id is enough, so that an attendee who changes one of them doesn't start a new count. */
export function hasEitherId({ phone, ref }: AttendeeIds): Expression<SqlBool> {
  if (ref === null) return sql<boolean>`attendee_phone = ${phone}`;
  if (phone === null) return sql<boolean>`attendee_ref = ${ref}`;
  return sql<boolean>`(attendee_ref = ${ref} or attendee_phone = ${phone})`;
}

/**
 * The ids of an attendee's confirmed bookings, by the rule of `belongsTo`. Two selects instead of one with `or`, because
 * SQLite answers the `or` by scanning all bookings of the customer.
 * @param from epoch milliseconds; those that start before it are left out.
 */
export function idsOfAttendee(customerId: string, { phone, ref }: AttendeeIds, from: number) {
  const search = (condition: Expression<SqlBool>) =>
    sql`select id from bookings where customer_id = ${customerId} and status = ${confirmed} and ${condition}
      and start_ms >= ${from}`;
  const byPhone = search(
    ref === null ? sql`attendee_phone = ${phone}` : sql`attendee_phone = ${phone} and attendee_ref is null`,
  );
  return sql<string>`(${search(sql`attendee_ref = ${ref}`)} union all ${byPhone})`;
}

/** The rule of `belongsTo` as a condition, for queries that another condition narrows to few rows. */
export function belongsToAttendee({ phone, ref }: AttendeeIds): Expression<SqlBool> {
  if (ref === null) return sql<boolean>`attendee_phone = ${phone}`;
  return sql<boolean>`(attendee_ref = ${ref} or (attendee_phone = ${phone} and attendee_ref is null))`;
}
