import { type Database, migrate } from "@cita/database";
import type { Interval } from "@cita/scheduling";
import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import { type Booking, BookingError, type BookingRequest, type Place } from "./booking.ts";
import {
  type BookingRow,
  hashOf,
  type NewBookingRow,
  rowOfMove,
  rowOfRequest,
  toBooking,
} from "./ledger-rows.ts";
import { type BookingTables, bookingMigrations } from "./migrations.ts";

/**
 * Who has which time. The database decides who wins: holding and confirming are one statement each,
 * and no transaction stays open while the calendar is called.
 */
export type Ledger = {
  /**
   * Takes the range and one of the service's places until `heldUntil` (epoch milliseconds).
   * @throws BookingError `taken`, or `idempotency_conflict` / `in_progress` / `cancelled_since` by the request's key.
   * @returns the new hold, or the booking that the same request has led to before.
   */
  hold(request: BookingRequest, heldUntil: number): Promise<Booking>;
  /** Takes the range a booking is to be moved to; its own doesn't stand in the way. @throws BookingError `taken`, `in_progress` */
  holdMove(booking: Booking, to: Place, heldUntil: number): Promise<Booking>;
  /** The move of it that isn't settled yet, if there is one: then its event may be at either time. */
  moveOf(booking: Booking): Promise<Booking | undefined>;
  /** @returns false when the hold had run out. */
  confirm(booking: Booking, written: { timeZone: string; meetLink: string | null }): Promise<boolean>;
  /**
   * Gives the booking the range of its move and ends that, in one transaction.
   * @returns false when the hold had run out or the booking is no more.
   */
  completeMove(move: Booking): Promise<boolean>;
  release(booking: Booking): Promise<void>;
  cancel(booking: Booking): Promise<void>;
  find(customerId: string, bookingId: string): Promise<Booking | undefined>;
  /** Confirmed bookings that overlap a range, soonest first. */
  list(customerId: string, filter: BookingFilter): Promise<Booking[]>;
  /** Bookings that were confirmed once, by start and then id, beginning after a position. */
  page(customerId: string, filter: PageFilter): Promise<Booking[]>;
  /**
   * Takes over bookings and moves that nobody works on any more: holds that have run out, and those
   * whose settling was begun longer than `settleAgainMs` ago and not finished. From then on they can't be confirmed.
   */
  claimAbandoned(most: number, settleAgainMs: number): Promise<Booking[]>;
  /**
   * Takes over what a person did to a confirmed booking's event, unless it has been changed since it was
   * read: moved (the new range) or deleted (undefined).
   * @param seat where it goes. Default: wherever somebody puts it by hand it takes every place, since
   * nobody has asked whether its own is free there.
   */
  follow(booking: Booking, event: Interval | undefined, seat?: number): Promise<void>;
  /** Holds and confirmed bookings, and the holds of moves, whose blocked time overlaps a range or whose event is named. */
  inForce(customerId: string, span: Interval, eventIds: readonly string[]): Promise<Booking[]>;
  check(): Promise<void>;
};

export type BookingFilter = Interval & {
  readonly phone?: string;
  readonly email?: string;
  readonly most: number;
};

/** A place in the order of pages; it stays where it is whatever is booked, moved or cancelled. */
export type BookingPosition = { readonly start: number; readonly id: string };

export type PageFilter = {
  readonly after: BookingPosition;
  /** They start before this. */
  readonly until: number | undefined;
  readonly status: "confirmed" | "cancelled" | "all";
  readonly most: number;
};

type Deps = { db: Database; now?: () => number };
type Db = Kysely<BookingTables>;

export async function openLedger({ db: database, now = Date.now }: Deps): Promise<Ledger> {
  await migrate(database, bookingMigrations);
  const db = database.withTables<BookingTables>();
  const updated = () => ({ updated_at: new Date(now()).toISOString() });
  const bookingsOf = (customerId: string) =>
    db.selectFrom("bookings").selectAll().where("customer_id", "=", customerId);

  return {
    async hold(request, heldUntil) {
      const row = rowOfRequest(request, heldUntil, now());
      // Twice: whoever was in the way may have released it between the two looks.
      for (let looks = 0; looks < 2; looks++) {
        const earlier = await findByKey(db, request);
        if (earlier !== undefined) return replay(earlier, request);
        const held = await insertIfFree(db, row, request.capacity, now());
        if (held !== undefined) return toBooking(held);
      }
      throw new BookingError("taken");
    },

    async holdMove(booking, to, heldUntil) {
      const row = await insertIfFree(db, rowOfMove(booking, to, heldUntil, now()), to.capacity, now());
      if (row !== undefined) return toBooking(row);
      throw new BookingError((await moveOf(db, booking)) === undefined ? "taken" : "in_progress");
    },

    moveOf: (booking) => moveOf(db, booking),

    async confirm(booking, { timeZone, meetLink }) {
      const { numUpdatedRows } = await db
        .updateTable("bookings")
        .set({ status: "confirmed", time_zone: timeZone, meet_link: meetLink, ...updated() })
        .where("id", "=", booking.id)
        .where("status", "=", "held")
        .where("held_until_ms", ">", now())
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    async completeMove(move) {
      return db.transaction().execute(async (transaction) => {
        const ended = await transaction
          .updateTable("bookings")
          .set({ status: "released", ...updated() })
          .where("id", "=", move.id)
          .where("status", "=", "held")
          .where("held_until_ms", ">", now())
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom("bookings as moved")
                .select("id")
                .where("moved.id", "=", move.moves)
                .where("moved.status", "=", "confirmed"),
            ),
          )
          .executeTakeFirstOrThrow();
        if (ended.numUpdatedRows === 0n) return false;
        await transaction
          .updateTable("bookings")
          .set({ ...rangeOf(move), seat: move.seat, ...updated() })
          .where("id", "=", move.moves)
          .execute();
        return true;
      });
    },

    async release(booking) {
      await db
        .updateTable("bookings")
        .set({ status: "released", ...updated() })
        .where("id", "=", booking.id)
        .where("status", "in", ["held", "abandoned"])
        .execute();
    },

    async cancel(booking) {
      await db
        .updateTable("bookings")
        .set({ status: "cancelled", ...updated() })
        .where("id", "=", booking.id)
        .where("status", "=", "confirmed")
        .execute();
    },

    async find(customerId, bookingId) {
      const row = await bookingsOf(customerId)
        .where("id", "=", bookingId)
        .where("moves_id", "is", null)
        .executeTakeFirst();
      return row && toBooking(row);
    },

    async list(customerId, { start, end, phone, email, most }) {
      const rows = await bookingsOf(customerId)
        .where("status", "in", live)
        .where("status", "=", "confirmed")
        .where("start_ms", "<", end)
        .where("end_ms", ">", start)
        .where("blocked_until_ms", ">", start)
        .$if(phone !== undefined || email !== undefined, (query) =>
          query.where((eb) =>
            eb.or([
              eb("attendee_phone", "=", phone ?? ""),
              eb(sql`lower(attendee_email)`, "=", email?.toLowerCase() ?? ""),
            ]),
          ),
        )
        .orderBy("start_ms")
        .limit(most)
        .execute();
      return rows.map(toBooking);
    },

    async page(customerId, { after, until, status, most }) {
      const rows = await bookingsOf(customerId)
        .where("status", "in", everConfirmed)
        .where(sql<boolean>`(start_ms, id) > (${after.start}, ${after.id})`)
        .$if(until !== undefined, (query) => query.where("start_ms", "<", until ?? 0))
        .$if(status !== "all", (query) => query.where("status", "=", status))
        .orderBy("start_ms")
        .orderBy("id")
        .limit(most)
        .execute();
      return rows.map(toBooking);
    },

    async claimAbandoned(most, settleAgainMs) {
      const rows = await db
        .updateTable("bookings")
        .set({ status: "abandoned", ...updated() })
        .where("id", "in", (eb) =>
          abandoned(eb.selectFrom("bookings"), now(), settleAgainMs).select("id").limit(most),
        )
        .returningAll()
        .execute();
      return rows.map(toBooking);
    },

    async follow(booking, event, seat = everySeat) {
      const change =
        event === undefined
          ? { status: "cancelled" }
          : { ...rangeOf({ ...booking, start: event.start, end: event.end }), seat };
      await db
        .updateTable("bookings")
        .set({ ...change, ...updated() })
        .where("id", "=", booking.id)
        .where("status", "=", "confirmed")
        // Whoever looked at it before it was changed again is too late.
        .where("updated_at", "=", new Date(booking.updatedAt).toISOString())
        .execute();
    },

    async inForce(customerId, span, eventIds) {
      const inSpan = await inForce(db, customerId, now()).selectAll().where(overlapping(span)).execute();
      const found = new Set(inSpan.map(({ event_id }) => event_id));
      const elsewhere = eventIds.filter((id) => !found.has(id));
      if (elsewhere.length === 0) return inSpan.map(toBooking);
      const named = sql<string>`(select value from json_each(${JSON.stringify(elsewhere)}))`;
      const rows = await inForce(db, customerId, now())
        .selectAll()
        .where(sql<boolean>`event_id in ${named}`)
        .execute();
      return [...inSpan, ...rows].map(toBooking);
    },

    async check() {
      await sql`select 1`.execute(db);
    },
  };
}

/** Beyond any capacity: such a booking stands in the way of all. */
const everySeat = 1_000;

function rangeOf(place: Omit<Place, "capacity">) {
  return {
    start_ms: place.start,
    end_ms: place.end,
    blocked_from_ms: place.start - place.bufferBeforeMs,
    blocked_until_ms: place.end + place.bufferAfterMs,
  };
}

// States are written into the queries as literals: SQLite uses a partial index only for what it can see
// to be in it.
const unsettled = [sql.lit("held"), sql.lit("abandoned")];
const live = [sql.lit("held"), sql.lit("confirmed")];
const everConfirmed = [sql.lit("confirmed"), sql.lit("cancelled")];

/** Confirmed bookings, and holds that haven't run out. */
function inForce(db: Db, customerId: string, now: number) {
  return db
    .selectFrom("bookings")
    .where("customer_id", "=", customerId)
    .where("status", "in", live)
    .where(sql<boolean>`(status = 'confirmed' or held_until_ms > ${now})`);
}

function overlapping({ start, end }: Interval) {
  // One that was made to last no time by hand blocks none.
  return sql<boolean>`(blocked_until_ms > ${start} and blocked_from_ms < ${end} and blocked_from_ms < blocked_until_ms)`;
}

/** Oldest first, and none that was tried a moment ago: a calendar that is down must not hold up the others. */
function abandoned(
  bookings: SelectQueryBuilder<BookingTables, "bookings", object>,
  now: number,
  settleAgainMs: number,
) {
  const triedBefore = new Date(now - settleAgainMs).toISOString();
  return bookings
    .where("status", "in", unsettled)
    .where((eb) =>
      eb.or([
        eb.and([eb("status", "=", "abandoned"), eb("updated_at", "<=", triedBefore)]),
        eb.and([eb("status", "=", "held"), eb("held_until_ms", "<=", now)]),
      ]),
    )
    .orderBy("updated_at");
}

/**
 * Takes the first place that is free over the whole range. One statement: it looks and inserts under
 * SQLite's write lock, so of two at once one sees the other. Bookings of another service take every
 * place, and so does one on a place beyond the capacity.
 */
async function insertIfFree(
  db: Db,
  row: NewBookingRow,
  capacity: number,
  now: number,
): Promise<BookingRow | undefined> {
  const columns = Object.keys(row) as (keyof NewBookingRow)[];
  const range = { start: row.blocked_from_ms, end: row.blocked_until_ms };
  const seats = JSON.stringify(Array.from({ length: capacity }, (_, seat) => seat));
  const inTheWay = inForce(db, row.customer_id, now)
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
        .orderBy(sql`place.value`)
        .limit(1),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

async function findByKey(db: Db, request: BookingRequest): Promise<BookingRow | undefined> {
  if (request.idempotencyKey === null) return undefined;
  return db
    .selectFrom("bookings")
    .selectAll()
    .where("customer_id", "=", request.customerId)
    .where("idempotency_key", "=", request.idempotencyKey)
    .where("status", "!=", sql.lit("released"))
    .executeTakeFirst();
}

async function moveOf(db: Db, booking: Booking): Promise<Booking | undefined> {
  const move = await db
    .selectFrom("bookings")
    .selectAll()
    .where("moves_id", "=", booking.id)
    .where("status", "in", unsettled)
    .executeTakeFirst();
  return move && toBooking(move);
}

function replay(row: BookingRow, request: BookingRequest): Booking {
  if (row.request_hash !== hashOf(request)) throw new BookingError("idempotency_conflict");
  if (row.status === "cancelled") throw new BookingError("cancelled_since");
  if (row.status !== "confirmed") throw new BookingError("in_progress");
  return toBooking(row);
}
