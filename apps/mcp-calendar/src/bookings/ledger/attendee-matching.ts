/** Which attendee a booking belongs to, and which request it is of: as a function, and as conditions of queries. */

import type { BoundAttendee } from "@cita/mcp-endpoint";
import { type Expression, type SqlBool, sql } from "kysely";
import type { BookingRequest } from "../booking.ts";
import { confirmed, type LedgerDb, live, longestBookingMs } from "./queries.ts";
import { type BookingRow, toNameKey } from "./rows.ts";

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

/** The live hold or booking of an earlier, equal request without a key. */
export async function findSameRequest(
  db: LedgerDb,
  request: BookingRequest,
): Promise<BookingRow | undefined> {
  const isSame = isSameRequest(request);
  if (isSame === undefined) return undefined;
  return selectLiveWhere(db, isSame).selectAll().orderBy("sequence").executeTakeFirst();
}

/**
 * Conditions of the statement that takes a seat: no equal request has a live row, and the attendee has fewer than
 * `maxOpenBookings` bookings ahead.
 * @param now epoch milliseconds.
 */
export function requestConditions(
  db: LedgerDb,
  request: BookingRequest,
  { maxOpenBookings, now }: { maxOpenBookings: number | null; now: number },
): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  const isSame = isSameRequest(request);
  if (isSame !== undefined) conditions.push(sql`not exists ${selectLiveWhere(db, isSame).select("id")}`);
  if (maxOpenBookings !== null) conditions.push(sql`${openBookingCount(request, now)} < ${maxOpenBookings}`);
  return conditions;
}

/** How many bookings ahead the attendee of a request has. @param now epoch milliseconds. */
export async function countOpen(db: LedgerDb, request: BookingRequest, now: number): Promise<number> {
  const { rows } = await sql<{ open: number }>`select ${openBookingCount(request, now)} as open`.execute(db);
  return rows[0]?.open ?? 0;
}

function selectLiveWhere(db: LedgerDb, condition: Expression<SqlBool>) {
  return db.selectFrom("bookings").where("status", "in", live).where(condition);
}

/**
 * Whether a row is an earlier request of the same attendee for the same service, time and name.
 * @returns undefined where an idempotency key decides instead, or the attendee can't be identified.
 */
function isSameRequest(request: BookingRequest): Expression<SqlBool> | undefined {
  const isSame = request.idempotencyKey === null ? isSameAttendee(request.attendee) : undefined;
  if (isSame === undefined) return undefined;
  const { customerId, service, start, end, attendee } = request;
  // Bounds on `blocked_until_ms` let SQLite use the index by time: no index of attendees has holds.
  const latestEnd = start + longestBookingMs;
  return sql<boolean>`(customer_id = ${customerId} and moves_id is null and service = ${service}
    and start_ms = ${start} and end_ms = ${end} and blocked_until_ms > ${start} and blocked_until_ms < ${latestEnd} and ${isSame}
    and (attendee_name_key = ${toNameKey(attendee.name)}
      or (attendee_name_key is null and attendee_name = ${attendee.name})))`;
}

/** @returns undefined for an attendee with nothing but a name, which others may have too. */
function isSameAttendee({ phone, ref, email }: BookingRequest["attendee"]): Expression<SqlBool> | undefined {
  if (phone !== null || ref !== null) return belongsToAttendee({ phone, ref });
  return email === null ? undefined : sql<boolean>`lower(attendee_email) = ${email.toLowerCase()}`;
}

/** The rule of `belongsTo` as a condition, for queries that another condition narrows to few rows. */
function belongsToAttendee({ phone, ref }: AttendeeIds): Expression<SqlBool> {
  if (ref === null) return sql<boolean>`attendee_phone = ${phone}`;
  return sql<boolean>`(attendee_ref = ${ref} or (attendee_phone = ${phone} and attendee_ref is null))`;
}

/**
 * Confirmed bookings ahead and holds of new ones. Either id is enough, so that an attendee with two ids can't have
 * twice as many. `status in ('held', 'abandoned')` repeats the condition of the partial index, which SQLite uses
 * only then.
 */
function openBookingCount({ customerId, attendee }: BookingRequest, now: number) {
  const from = now - longestBookingMs;
  const { phone, ref } = attendee;
  const ids = sql`select id from ${idsOfAttendee(customerId, { phone, ref: null }, from)}
    union select id from ${idsOfAttendee(customerId, { phone: null, ref }, from)}`;
  return sql<number>`((select count(*) from bookings where id in (${ids}) and end_ms > ${now})
    + (select count(*) from bookings where status in ('held', 'abandoned') and status = 'held'
      and customer_id = ${customerId} and moves_id is null and ${hasEitherId(attendee)}))`;
}
