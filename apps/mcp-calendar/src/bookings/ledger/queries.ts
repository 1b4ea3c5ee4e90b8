/** What the parts of the ledger share: conditions, and the two statements on who has which time. */

import { dayMs, type Interval } from "@cita/scheduling";
import { type Expression, type Kysely, type SqlBool, sql } from "kysely";
import type { Booking, LedgerEntry } from "../booking.ts";
import { type BookingRow, entryColumns, type NewBookingRow, toEntry } from "./rows.ts";
import type { BookingTables } from "./tables.ts";

export type LedgerDb = Kysely<BookingTables>;

/** What each part of the ledger is made of. */
export type LedgerPartDeps = {
  readonly db: LedgerDb;
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

function selectLive(db: LedgerDb, customerId: string) {
  return db.selectFrom("bookings").where("customer_id", "=", customerId).where("status", "in", live);
}

function overlaps({ start, end }: Interval) {
  // A booking whose event was given no duration by hand blocks nothing.
  return sql<boolean>`(blocked_until_ms > ${start} and blocked_from_ms < ${end} and blocked_from_ms < blocked_until_ms)`;
}

/** A list as one JSON parameter, so that lists of all lengths share one prepared statement. */
export function listed(values: readonly string[]) {
  return sql<string>`(select value from json_each(${JSON.stringify(values)}))`;
}

/**
 * Takes the first seat that is free over the whole range. One statement searches and inserts under SQLite's write lock,
 * so concurrent calls see each other's rows. A booking of another service takes every seat, and so does one on a seat
 * beyond the capacity.
 * @param conditions further conditions of the insert.
 */
export async function insertIfFree(
  db: LedgerDb,
  row: NewBookingRow,
  capacity: number,
  conditions: readonly Expression<SqlBool>[],
): Promise<BookingRow | undefined> {
  const columns = Object.keys(row) as (keyof NewBookingRow)[];
  const range = { start: row.blocked_from_ms, end: row.blocked_until_ms };
  const seats = JSON.stringify(Array.from({ length: capacity }, (_, seat) => seat));
  const inTheWay = selectLive(db, row.customer_id)
    .select("id")
    .where(overlaps(range))
    .where("id", "!=", row.moves_id ?? "")
    .where(sql<boolean>`(service <> ${row.service} or seat = free.value or seat >= ${capacity})`);
  const nextSequence = sql<number>`(select coalesce(max(sequence), 0) + 1 from bookings)`;
  return db
    .insertInto("bookings")
    .columns([...columns, "seat", "sequence"])
    .expression(
      db
        .selectFrom(sql<{ value: number }>`json_each(${seats})`.as("free"))
        .select([
          ...columns.map((column) => sql.val(row[column]).as(column)),
          sql<number>`free.value`.as("seat"),
          nextSequence.as("sequence"),
        ])
        .where(({ not, exists }) => not(exists(inTheWay)))
        .where(({ and }) => and([...conditions]))
        .orderBy(sql`free.value`)
        .limit(1),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** @see LookUps.listInForce */
export async function listInForce(
  db: LedgerDb,
  customerId: string,
  span: Interval,
  eventIds: readonly string[],
): Promise<LedgerEntry[]> {
  const inSpan = await selectLive(db, customerId).select(entryColumns).where(overlaps(span)).execute();
  const found = new Set(inSpan.map(({ event_id }) => event_id));
  const elsewhere = eventIds.filter((id) => !found.has(id));
  if (elsewhere.length === 0) return inSpan.map(toEntry);
  const rows = await db
    .selectFrom("bookings")
    .select(entryColumns)
    .where(sql<boolean>`event_id in ${listed(elsewhere)}`)
    .where("customer_id", "=", customerId)
    .where("status", "in", live)
    .execute();
  return [...inSpan, ...rows].map(toEntry);
}
