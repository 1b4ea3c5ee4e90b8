import { type Expression, type SqlBool, sql } from "kysely";
import { type Booking, BookingError, type BookingRequest } from "./booking.ts";
import type { Holds, Written } from "./ledger.ts";
import { countOpen, findSameRequest, holdConditions } from "./ledger-attendees.ts";
import { insertIfFree, type LedgerDb, listed, rangeOf, unsettled } from "./ledger-queries.ts";
import {
  type BookingRow,
  hashOf,
  type NewBookingRow,
  rowOfMove,
  rowOfRequest,
  toBooking,
  writesAnew,
} from "./ledger-rows.ts";

export type LedgerPartDeps = { db: LedgerDb; instanceId: string; now: () => number };

export type MayHold = (customerId: string) => Expression<SqlBool>;

/** The part of the ledger that leads from a request to a confirmed booking, or to nothing. */
export function createHolds({ db, instanceId, mayHold, now }: LedgerPartDeps & { mayHold: MayHold }): Holds {
  const updated = () => ({ updated_at: new Date(now()).toISOString() });
  const maker = () => ({ instanceId, now: now() });
  /** Holds that a call of this instance works on: any other of its own was left behind by a failure. */
  const workedOn = new Set<string>();

  /** Known as worked on before it is in the table: whoever looks for what was left behind may come right after it. */
  async function take(
    row: NewBookingRow,
    capacity: number,
    conditions: readonly Expression<SqlBool>[] = [],
  ): Promise<Booking | undefined> {
    workedOn.add(row.id);
    let held: BookingRow | undefined;
    try {
      held = await insertIfFree(db, row, capacity, [mayHold(row.customer_id), ...conditions]);
    } finally {
      if (held === undefined) workedOn.delete(row.id);
    }
    return held && toBooking(held);
  }

  return {
    async findRepeated(request) {
      return findEarlier(db, request);
    },

    async hold(request, terms) {
      const row = rowOfRequest(request, terms, maker());
      // Twice: whoever was in the way may have released it between the two looks.
      for (let looks = 0; looks < 2; looks++) {
        const earlier = await findEarlier(db, request);
        if (earlier !== undefined) return earlier;
        const limits = { maxOpenBookings: terms.maxOpenBookings, now: now() };
        const held = await take(row, request.capacity, holdConditions(db, request, limits));
        if (held !== undefined) return held;
        if (terms.maxOpenBookings !== null && (await countOpen(db, request, now())) >= terms.maxOpenBookings)
          throw new BookingError("too_many_open");
      }
      throw new BookingError("taken");
    },

    async holdMove(booking, to, terms) {
      const held = await take(rowOfMove(booking, to, terms, maker()), to.capacity);
      if (held !== undefined) return held;
      throw new BookingError((await findMove(db, booking)) === undefined ? "taken" : "in_progress");
    },

    moveOf: (booking) => findMove(db, booking),

    async isHeld(hold) {
      const held = await db
        .selectFrom("bookings")
        .select("id")
        .where("id", "=", hold.id)
        .where("status", "=", "held")
        .executeTakeFirst();
      return held !== undefined;
    },

    async confirm(hold, written) {
      const { numUpdatedRows } = await db
        .updateTable("bookings")
        .set({ status: "confirmed", ...columnsOf(written), ...updated() })
        .where("id", "=", hold.id)
        .where("status", "=", "held")
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    async completeMove(move, written) {
      return db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable("bookings")
          // The id of an event is in one row at a time.
          .set({ status: "released", ...(writesAnew(move) && { event_id: `move${move.id}` }), ...updated() })
          .where("id", "=", move.id)
          .where("status", "=", "held")
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom("bookings as moved")
                .select("id")
                .where("moved.id", "=", move.moves)
                .where("moved.status", "=", "confirmed"),
            ),
          )
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return false;
        await transaction
          .updateTable("bookings")
          .set({ ...rangeOf(move), seat: move.seat, ...updated() })
          .$if(writesAnew(move), (query) =>
            query.set({
              event_id: move.eventId,
              account_id: move.accountId,
              ...(written && columnsOf(written)),
            }),
          )
          .where("id", "=", move.moves)
          .execute();
        return true;
      });
    },

    async release(hold) {
      await db
        .updateTable("bookings")
        .set({ status: "released", ...updated() })
        .where("id", "=", hold.id)
        .where("status", "=", hold.status)
        .execute();
    },

    async abandon(hold, due) {
      await db
        .updateTable("bookings")
        .set({ status: "abandoned", ...(due === "now" ? dueNow : updated()) })
        .where("id", "=", hold.id)
        .where("status", "=", "held")
        .execute();
    },

    async claimAbandoned(most, settleAgainMs) {
      const rows = await db
        .updateTable("bookings")
        .set({ status: "abandoned", ...updated() })
        .where("id", "in", (eb) =>
          eb
            .selectFrom("bookings")
            .select("id")
            .where("status", "in", unsettled)
            .where(isLeft(instanceId, [...workedOn], { now: now(), settleAgainMs }))
            .orderBy("updated_at")
            .limit(most),
        )
        .returningAll()
        .execute();
      return rows.map(toBooking);
    },

    async reopen(customerId, eventIds, reading) {
      const released = await db
        .selectFrom("bookings")
        .select("id")
        .where(sql<boolean>`event_id in ${listed(eventIds)}`)
        .where("customer_id", "=", customerId)
        .where("status", "=", sql.lit("released"))
        .where("moves_id", "is", null)
        .where((eb) =>
          eb.or([
            eb("updated_at", "<", new Date(reading.start).toISOString()),
            eb("updated_at", ">=", new Date(reading.end).toISOString()),
          ]),
        )
        .execute();
      if (released.length === 0) return false;
      await db
        .updateTable("bookings")
        // Its key may be another booking's by now.
        .set({ status: "abandoned", ...dueNow, idempotency_key: null })
        .where(
          "id",
          "in",
          released.map(({ id }) => id),
        )
        .where("status", "=", "released")
        .execute();
      return true;
    },

    async removeReleased(before, most) {
      const { numDeletedRows } = await db
        .deleteFrom("bookings")
        .where("id", "in", (eb) =>
          eb
            .selectFrom("bookings")
            .select("id")
            .where("status", "=", sql.lit("released"))
            .where("updated_at", "<", new Date(before).toISOString())
            .orderBy("updated_at")
            .limit(most),
        )
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },

    leave(hold) {
      workedOn.delete(hold.id);
    },
  };
}

/** Its settling was never tried. */
const dueNow = { updated_at: new Date(0).toISOString() };

/**
 * Abandoned ones that weren't tried a moment ago, since a calendar that is down must not hold up the others;
 * one that seems to be tried in the future was tried by another clock. And held ones that nobody works on.
 */
function isLeft(instanceId: string, workedOn: string[], { now, settleAgainMs }: SettleTimes) {
  const triedBefore = new Date(now - settleAgainMs).toISOString();
  const isDue = sql`(updated_at <= ${triedBefore} or updated_at > ${new Date(now).toISOString()})`;
  const isGone = sql`(instance_id is null or (instance_id <> ${instanceId} and instance_id not in (select id from instances)))`;
  const isLost = sql`(instance_id = ${instanceId} and id not in ${listed(workedOn)})`;
  return sql<boolean>`((status = 'abandoned' and ${isDue}) or (status = 'held' and (${isGone} or ${isLost})))`;
}

type SettleTimes = { now: number; settleAgainMs: number };

function columnsOf({ timeZone, meetLink, invitation }: Written) {
  return { time_zone: timeZone, meet_link: meetLink, invitation };
}

/** What the same request has led to before: by its key, else by person, service and time. @throws as `Holds.findRepeated` */
async function findEarlier(db: LedgerDb, request: BookingRequest): Promise<Booking | undefined> {
  const byKey = await findByKey(db, request);
  if (byKey !== undefined) return replay(byKey, request);
  const same = await findSameRequest(db, request);
  if (same === undefined) return undefined;
  if (same.status !== "confirmed") throw new BookingError("in_progress");
  return toBooking(same);
}

async function findByKey(db: LedgerDb, request: BookingRequest): Promise<BookingRow | undefined> {
  if (request.idempotencyKey === null) return undefined;
  return db
    .selectFrom("bookings")
    .selectAll()
    .where("customer_id", "=", request.customerId)
    .where("idempotency_key", "=", request.idempotencyKey)
    .where("status", "!=", sql.lit("released"))
    .executeTakeFirst();
}

async function findMove(db: LedgerDb, { id }: Pick<Booking, "id">): Promise<Booking | undefined> {
  const move = await db
    .selectFrom("bookings")
    .selectAll()
    .where("moves_id", "=", id)
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
