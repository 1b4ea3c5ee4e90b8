import { rowLock, valueList } from "@cita/database";
import { sql } from "kysely";
import { isConfirmed } from "../booking.ts";
import { type LedgerDb, type LedgerPartDeps, released, unsettled } from "./conditions.ts";
import { neverSettled } from "./holds.ts";
import type { ReleasedHolds, TakeOvers } from "./ledger.ts";
import { bookingColumns, toBooking, toChangeColumns, toHold } from "./rows.ts";

type TakeOverPartDeps = LedgerPartDeps & {
  /** Ids of the holds that a call of this instance works on. */
  readonly workedOn: ReadonlySet<string>;
  /** Ids of the bookings that a call of this instance, or its sweeper, is cancelling. */
  readonly cancelling: Set<string>;
};

/** The part of the ledger that takes over what no call works on. */
export function createTakeOvers(deps: TakeOverPartDeps): TakeOvers {
  const { db, instanceId, workedOn, cancelling, now } = deps;
  return {
    async takeOverAbandoned(limit, settleAgainMs) {
      const times = { now: now(), settleAgainMs };
      return db.transaction().execute(async (trx) => {
        const found = await trx
          .selectFrom("bookings")
          .select("id")
          .where("status", "in", unsettled)
          .where(isLeftBehind(trx, { instanceId, workedOn, ...times }))
          .orderBy("updated_at")
          .limit(limit)
          .modifyEnd(rowLock(trx, "for update skip locked"))
          .execute();
        // A call may have taken a hold since `workedOn` was listed for the query.
        const ids = found.map(({ id }) => id).filter((id) => !workedOn.has(id));
        if (ids.length === 0) return [];
        const rows = await trx
          .updateTable("bookings")
          .set({ status: "abandoned", instance_id: instanceId, ...toChangeColumns(times.now) })
          .where(sql<boolean>`id in ${valueList(trx, "text", ids)}`)
          .returning(bookingColumns)
          .execute();
        return rows.map(toHold);
      });
    },

    async takeOverCancellations(limit) {
      const worked = valueList(db, "text", [...cancelling]);
      const rows = await db
        .with("left_behind", (eb) =>
          eb
            .selectFrom("bookings")
            .select("id")
            .where("cancelling_instance_id", "is not", null)
            .where(
              sql<boolean>`((cancelling_instance_id <> ${instanceId} and cancelling_instance_id not in (select id from instances))
                or (cancelling_instance_id = ${instanceId} and id not in ${worked}))`,
            )
            // In random order, so that bookings of one calendar that doesn't answer can't come first each time.
            .orderBy(sql`random()`)
            .limit(limit)
            .modifyEnd(rowLock(db, "for update skip locked")),
        )
        .updateTable("bookings")
        .set({ cancelling_instance_id: instanceId })
        .where("id", "in", (eb) => eb.selectFrom("left_behind").select("id"))
        .returning(bookingColumns)
        .execute();
      // A call may have begun in the meantime.
      const left = rows.filter(({ id }) => !cancelling.has(id));
      for (const { id } of left) cancelling.add(id);
      return left.map(toBooking).filter(isConfirmed);
    },
  };
}

type LeftBehind = Pick<TakeOverPartDeps, "instanceId" | "workedOn"> & {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly settleAgainMs: number;
};

/**
 * Held rows that no call works on, and abandoned rows whose settling wasn't tried within `settleAgainMs`: a calendar that
 * is down must not delay the others. What an instance was settling when it ended is due at once. A last try some seconds
 * ahead is another instance's, by its clock, and one further ahead was recorded by a clock that was wrong.
 */
function isLeftBehind(db: LedgerDb, { instanceId, workedOn, now, settleAgainMs }: LeftBehind) {
  const triedBefore = new Date(now - settleAgainMs).toISOString();
  const credibleUntil = new Date(now + settleAgainMs).toISOString();
  const isDue = sql`(updated_at <= ${triedBefore} or updated_at > ${credibleUntil})`;
  const isGone = sql`(instance_id is null or (instance_id <> ${instanceId} and instance_id not in (select id from instances)))`;
  const isLost = sql`(instance_id = ${instanceId} and id not in ${valueList(db, "text", [...workedOn])})`;
  return sql<boolean>`(${isGone} or (status = 'abandoned' and ${isDue}) or (status = 'held' and ${isLost}))`;
}

/** The part of the ledger for released holds: they are abandoned again where their event shows up, or deleted. */
export function createReleasedHolds({ db }: LedgerPartDeps): ReleasedHolds {
  return {
    async reopen(customerId, marks, reading) {
      const strays = await db
        .selectFrom("bookings")
        .select("id")
        .where(sql<boolean>`id in ${valueList(db, "text", marks)}`)
        .where("customer_id", "=", customerId)
        .where("status", "=", released)
        .where("moves_id", "is", null)
        .where((eb) =>
          eb.or([
            eb("updated_at", "<", new Date(reading.start).toISOString()),
            eb("updated_at", ">=", new Date(reading.end).toISOString()),
          ]),
        )
        .execute();
      if (strays.length === 0) return false;
      const ids = strays.map(({ id }) => id);
      await db
        .updateTable("bookings")
        // Another booking may have taken the key since.
        .set({ status: "abandoned", ...neverSettled, idempotency_key: null })
        .where("id", "in", ids)
        .where("status", "=", "released")
        .execute();
      return true;
    },

    async removeReleased(before, limit) {
      const { numDeletedRows } = await db
        .with("old", (eb) =>
          eb
            .selectFrom("bookings")
            .select("id")
            .where("status", "=", released)
            .where("updated_at", "<", new Date(before).toISOString())
            .orderBy("updated_at")
            .limit(limit)
            .modifyEnd(rowLock(db, "for update skip locked")),
        )
        .deleteFrom("bookings")
        .where("id", "in", (eb) => eb.selectFrom("old").select("id"))
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
