import { engineName, exclusively, valueList } from "@cita/database";
import { type Expression, type SqlBool, sql } from "kysely";
import { bookingsKey, type LedgerDb, type LedgerPartDeps, overlaps, selectLive } from "./conditions.ts";
import { bookingColumns, type NewBookingRow, type SelectedBookingRow } from "./rows.ts";

/** A condition on the customer, checked by the statement that holds a range. */
export type MayHold = (customerId: string) => Expression<SqlBool>;

export type HoldPartDeps = LedgerPartDeps & {
  readonly mayHold: MayHold;
  /** Ids of the holds that a call of this instance works on. Its other holds were left behind by failures. */
  readonly workedOn: Set<string>;
  /** Ids of the bookings whose invitations a call of this instance, or its sweeper, is sending. */
  readonly inviting: Set<string>;
};

/**
 * Takes the first seat that is free over the row's whole range. Adds the id to `workedOn` before inserting the row: a
 * take-over may run right after the insert.
 * @param conditions further conditions of the insert.
 * @returns undefined where no seat is free or a condition doesn't hold.
 */
export async function insertHold(
  { db, mayHold, workedOn }: HoldPartDeps,
  row: NewBookingRow,
  capacity: number,
  conditions: readonly Expression<SqlBool>[] = [],
): Promise<SelectedBookingRow | undefined> {
  // Without the key, so that those who want a time that is taken don't wait for each other.
  const free = await selectFreeSeat(db, row, capacity, conditions).select("free.value").execute();
  if (free.length === 0) return undefined;
  workedOn.add(row.id);
  let held: SelectedBookingRow | undefined;
  try {
    held = await exclusively(db, bookingsKey(row.customer_id), (trx) =>
      insertIfFree(trx, row, capacity, [mayHold(row.customer_id), ...conditions]),
    );
  } finally {
    if (held === undefined) workedOn.delete(row.id);
  }
  return held;
}

/** @param trx has the customer's key, so that concurrent calls see each other's rows. */
async function insertIfFree(
  trx: LedgerDb,
  row: NewBookingRow,
  capacity: number,
  conditions: readonly Expression<SqlBool>[],
): Promise<SelectedBookingRow | undefined> {
  const columns = Object.keys(row) as (keyof NewBookingRow)[];
  const sequence = nextSequence(trx);
  return trx
    .insertInto("bookings")
    .columns([...columns, "seat", ...sequence.map(() => "sequence" as const)])
    .expression(
      selectFreeSeat(trx, row, capacity, conditions).select([
        ...columns.map((column) => sql.val(row[column]).as(column)),
        sql<number>`free.value`.as("seat"),
        ...sequence.map((next) => next.as("sequence")),
      ]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(bookingColumns)
    .executeTakeFirst();
}

/**
 * The first of the service's seats, as `free.value`. A booking of another service takes every seat, and so does one on a
 * seat beyond the capacity.
 */
function selectFreeSeat(
  db: LedgerDb,
  row: NewBookingRow,
  capacity: number,
  conditions: readonly Expression<SqlBool>[],
) {
  const range = { start: row.blocked_from_ms, end: row.blocked_until_ms };
  const seats = Array.from({ length: capacity }, (_, seat) => seat);
  const inTheWay = selectLive(db, row.customer_id)
    .select("id")
    .where(overlaps(range))
    .where("id", "!=", row.moves_id ?? "")
    .where(sql<boolean>`(service <> ${row.service} or seat = free.value or seat >= ${capacity})`);
  return db
    .selectFrom(valueList(db, "integer", seats).as("free"))
    .where(({ not, exists }) => not(exists(inTheWay)))
    .where(({ and }) => and([...conditions]))
    .orderBy(sql`free.value`)
    .limit(1);
}

/** PostgreSQL gives it: the customers' inserts don't wait for each other. @returns at most one expression */
function nextSequence(db: LedgerDb) {
  if (engineName(db) === "postgres") return [];
  return [sql<number>`(select coalesce(max(sequence), 0) + 1 from bookings)`];
}
