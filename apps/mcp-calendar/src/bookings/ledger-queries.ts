import type { Interval } from "@cita/scheduling";
import { type Expression, type Kysely, type SqlBool, sql } from "kysely";
import type { LedgerEntry, Place } from "./booking.ts";
import { type BookingRow, entryColumns, type NewBookingRow, toEntry } from "./ledger-rows.ts";
import type { BookingTables } from "./migrations.ts";

export type LedgerDb = Kysely<BookingTables>;

// States are written into the queries as literals: SQLite uses a partial index only for what it can see
// to be in it.
export const confirmed = sql.lit("confirmed");
export const unsettled = [sql.lit("held"), sql.lit("abandoned")];
/** What takes a time: holds until they are settled, and confirmed bookings. */
export const live = [sql.lit("held"), sql.lit("abandoned"), confirmed];
export const everConfirmed = [confirmed, sql.lit("cancelled")];

/** All rows of a customer, by the index that is made for them alone: see `0008-by-customer`. */
export function allOf(customerId: string) {
  return sql<boolean>`(customer_id = ${customerId} and customer_id <> '')`;
}

/** Beyond any capacity: such a booking stands in the way of all. */
export const everySeat = 1_000;

export function rangeOf(place: Omit<Place, "capacity">) {
  return {
    start_ms: place.start,
    end_ms: place.end,
    blocked_from_ms: place.start - place.bufferBeforeMs,
    blocked_until_ms: place.end + place.bufferAfterMs,
  };
}

function selectLive(db: LedgerDb, customerId: string) {
  return db.selectFrom("bookings").where("customer_id", "=", customerId).where("status", "in", live);
}

function overlapping({ start, end }: Interval) {
  // One that was made to last no time by hand blocks none.
  return sql<boolean>`(blocked_until_ms > ${start} and blocked_from_ms < ${end} and blocked_from_ms < blocked_until_ms)`;
}

/** A list of any length as one parameter, so that the statement's text stays the same. */
export function listed(values: readonly string[]) {
  return sql<string>`(select value from json_each(${JSON.stringify(values)}))`;
}

/** @see Ledger.inForce */
export async function selectInForce(
  db: LedgerDb,
  customerId: string,
  span: Interval,
  eventIds: readonly string[],
): Promise<LedgerEntry[]> {
  const inSpan = await selectLive(db, customerId).select(entryColumns).where(overlapping(span)).execute();
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

/**
 * Takes the first place that is free over the whole range. One statement: it looks and inserts under
 * SQLite's write lock, so of two at once one sees the other. Bookings of another service take every
 * place, and so does one on a place beyond the capacity.
 * @param conditions what has to be true beside, at the same moment.
 */
export async function insertIfFree(
  db: LedgerDb,
  row: NewBookingRow,
  capacity: number,
  conditions: readonly Expression<SqlBool>[] = [],
): Promise<BookingRow | undefined> {
  const columns = Object.keys(row) as (keyof NewBookingRow)[];
  const range = { start: row.blocked_from_ms, end: row.blocked_until_ms };
  const seats = JSON.stringify(Array.from({ length: capacity }, (_, seat) => seat));
  const inTheWay = selectLive(db, row.customer_id)
    .select("id")
    .where(overlapping(range))
    .where("id", "!=", row.moves_id ?? "")
    .where(sql<boolean>`(service <> ${row.service} or seat = place.value or seat >= ${capacity})`);
  const nextSequence = sql<number>`(select coalesce(max(sequence), 0) + 1 from bookings)`;
  return db
    .insertInto("bookings")
    .columns([...columns, "seat", "sequence"])
    .expression(
      db
        .selectFrom(sql<{ value: number }>`json_each(${seats})`.as("place"))
        .select([
          ...columns.map((column) => sql.val(row[column]).as(column)),
          sql<number>`place.value`.as("seat"),
          nextSequence.as("sequence"),
        ])
        .where(({ not, exists }) => not(exists(inTheWay)))
        .where(({ and }) => and([...conditions]))
        .orderBy(sql`place.value`)
        .limit(1),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}
