import { createHash, randomBytes } from "node:crypto";
import { type Database, migrate } from "@cita/database";
import type { Interval } from "@cita/scheduling";
import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from "kysely";
import { type Booking, BookingError, type BookingRequest, type BookingStatus } from "./booking.ts";
import { type BookingTables, bookingMigrations } from "./migrations.ts";

/**
 * Who has which time. The database decides who wins: holding and confirming are one statement each,
 * and no transaction stays open while the calendar is called.
 */
export type Ledger = {
  /**
   * Takes the range until `heldUntil` (epoch milliseconds).
   * @throws BookingError `taken`, or `idempotency_conflict` / `in_progress` by the request's key.
   * @returns the new hold, or the booking that the same request has led to before.
   */
  hold(request: BookingRequest, heldUntil: number): Promise<Booking>;
  /** @returns false when the hold had run out and somebody else has the range now. */
  confirm(booking: Booking, timeZone: string): Promise<boolean>;
  release(booking: Booking): Promise<void>;
  /**
   * Takes over bookings that nobody works on any more: holds that have run out, and those whose taking
   * back was begun and not finished. From then on they can't be confirmed.
   */
  claimAbandoned(most: number): Promise<Booking[]>;
  /** Bookings that overlap a range and were confirmed long enough ago for a reading to show them. */
  settledOver(customerId: string, span: Interval): Promise<Booking[]>;
  /** Takes over what a person did to a confirmed booking's event: moved (the new range) or deleted (undefined). */
  follow(booking: Booking, event: Interval | undefined): Promise<void>;
  /**
   * Ranges that the ledger alone knows to be blocked, apart from `except`: what is held, and what was
   * confirmed so lately that a reading may not show it yet. Everything else stands in the calendar.
   */
  inForce(customerId: string, span: Interval, except?: string): Promise<Interval[]>;
  check(): Promise<void>;
};

type Deps = { db: Database; now?: () => number };
type Row = Selectable<BookingTables["bookings"]>;
type Db = Kysely<BookingTables>;

export async function openLedger({ db: database, now = Date.now }: Deps): Promise<Ledger> {
  await migrate(database, bookingMigrations);
  const db = database.withTables<BookingTables>();
  return {
    async hold(request, heldUntil) {
      const earlier = await findByKey(db, request);
      if (earlier !== undefined) return replay(earlier, request);
      const row = newRow(request, heldUntil, now());
      if (await insertIfFree(db, row, now())) return toBooking(row);
      const winner = await findByKey(db, request);
      if (winner !== undefined) return replay(winner, request);
      throw new BookingError("taken");
    },

    async confirm(booking, timeZone) {
      const { numUpdatedRows } = await db
        .updateTable("bookings")
        .set({ status: "confirmed", time_zone: timeZone, updated_at: new Date(now()).toISOString() })
        .where("id", "=", booking.id)
        .where("status", "=", "held")
        .where(({ not, exists }) => not(exists(overlapping(db, booking, now(), booking.id).select("id"))))
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    async release(booking) {
      await db
        .updateTable("bookings")
        .set({ status: "released", updated_at: new Date(now()).toISOString() })
        .where("id", "=", booking.id)
        .where("status", "in", ["held", "abandoned"])
        .execute();
    },

    async claimAbandoned(most) {
      const rows = await db
        .updateTable("bookings")
        .set({ status: "abandoned", updated_at: new Date(now()).toISOString() })
        .where("id", "in", (eb) => abandoned(eb.selectFrom("bookings"), now()).select("id").limit(most))
        .returningAll()
        .execute();
      return rows.map(toBooking);
    },

    async settledOver(customerId, span) {
      const rows = await overlapping(db, { ...span, customerId }, now())
        .where("status", "=", "confirmed")
        .where("updated_at", "<=", new Date(now() - readingLagMs).toISOString())
        .selectAll()
        .execute();
      return rows.map(toBooking);
    },

    async follow(booking, event) {
      const change =
        event === undefined ? { status: "cancelled" } : { start_ms: event.start, end_ms: event.end };
      await db
        .updateTable("bookings")
        .set({ ...change, updated_at: new Date(now()).toISOString() })
        .where("id", "=", booking.id)
        .where("status", "=", "confirmed")
        .execute();
    },

    async inForce(customerId, span, except) {
      const lately = new Date(now() - readingLagMs).toISOString();
      const rows = await overlapping(db, { ...span, customerId }, now(), except)
        .where((eb) => eb.or([eb("status", "=", "held"), eb("updated_at", ">", lately)]))
        .select(["start_ms", "end_ms"])
        .execute();
      return rows.map((row) => ({ start: row.start_ms, end: row.end_ms }));
    },

    async check() {
      await sql`select 1`.execute(db);
    },
  };
}

/** Bookings whose range overlaps: confirmed ones, and holds that haven't run out. */
function overlapping(db: Db, range: Interval & { customerId: string }, now: number, except?: string) {
  return db
    .selectFrom("bookings")
    .where("customer_id", "=", range.customerId)
    .where("start_ms", "<", range.end)
    .where("end_ms", ">", range.start)
    .where((eb) =>
      eb.or([
        eb("status", "=", "confirmed"),
        eb.and([eb("status", "=", "held"), eb("held_until_ms", ">", now)]),
      ]),
    )
    .where("id", "!=", except ?? "");
}

/** Oldest first, and none that was tried a moment ago: a calendar that is down must not hold up the others. */
function abandoned(bookings: SelectQueryBuilder<BookingTables, "bookings", object>, now: number) {
  const triedBefore = new Date(now - retryAbandonedMs).toISOString();
  return bookings
    .where((eb) =>
      eb.or([
        eb.and([eb("status", "=", "abandoned"), eb("updated_at", "<=", triedBefore)]),
        eb.and([eb("status", "=", "held"), eb("held_until_ms", "<=", now)]),
      ]),
    )
    .orderBy("updated_at");
}

const retryAbandonedMs = 60_000;
const readingLagMs = 60_000;

/** One statement: it looks and inserts under SQLite's write lock, so of two at once one sees the other. */
async function insertIfFree(db: Db, row: Row, now: number): Promise<boolean> {
  const columns = Object.keys(row) as (keyof Row)[];
  const range = { start: row.start_ms, end: row.end_ms, customerId: row.customer_id };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("bookings")
    .columns(columns)
    .expression(
      db
        .selectNoFrom(columns.map((column) => sql.val(row[column]).as(column)))
        .where(({ not, exists }) => not(exists(overlapping(db, range, now).select("id")))),
    )
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

async function findByKey(db: Db, request: BookingRequest): Promise<Row | undefined> {
  if (request.idempotencyKey === null) return undefined;
  return db
    .selectFrom("bookings")
    .selectAll()
    .where("customer_id", "=", request.customerId)
    .where("idempotency_key", "=", request.idempotencyKey)
    .where("status", "!=", "released")
    .executeTakeFirst();
}

function replay(row: Row, request: BookingRequest): Booking {
  if (row.request_hash !== hashOf(request)) throw new BookingError("idempotency_conflict");
  if (row.status === "cancelled") throw new BookingError("cancelled_since");
  if (row.status !== "confirmed") throw new BookingError("in_progress");
  return toBooking(row);
}

function newRow(request: BookingRequest, heldUntil: number, now: number): Row {
  const id = randomBytes(16).toString("hex");
  const at = new Date(now).toISOString();
  return {
    id,
    customer_id: request.customerId,
    status: "held",
    start_ms: request.start,
    end_ms: request.end,
    held_until_ms: heldUntil,
    event_id: `cita${id}`,
    time_zone: null,
    service: request.service,
    attendee_name: request.attendee.name,
    attendee_phone: request.attendee.phone,
    attendee_email: request.attendee.email,
    notes: request.notes,
    idempotency_key: request.idempotencyKey,
    request_hash: hashOf(request),
    created_at: at,
    updated_at: at,
  };
}

function hashOf({ start, end, service, attendee, notes }: BookingRequest): string {
  const parts = [start, end, service, attendee.name, attendee.phone, attendee.email, notes];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function toBooking(row: Row): Booking {
  return {
    id: row.id,
    customerId: row.customer_id,
    status: row.status as BookingStatus,
    start: row.start_ms,
    end: row.end_ms,
    eventId: row.event_id,
    timeZone: row.time_zone,
    service: row.service,
    attendee: { name: row.attendee_name, phone: row.attendee_phone, email: row.attendee_email },
    notes: row.notes,
  };
}
