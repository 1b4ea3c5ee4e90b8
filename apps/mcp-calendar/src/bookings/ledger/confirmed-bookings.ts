import { valueList } from "@cita/database";
import { isSameInterval } from "@cita/scheduling";
import { sql } from "kysely";
import { everySeat, type LedgerDb, type LedgerPartDeps } from "./conditions.ts";
import { currentAuthor, inCalendar, toCancelled, toRescheduled } from "./events.ts";
import type { Cancellations, FollowedChanges } from "./ledger.ts";
import { toAuthor, toAuthorColumns, toChangeColumns, toRangeColumns } from "./rows.ts";
import type { BookingRow, BookingTables } from "./tables.ts";

type CancellationPartDeps = LedgerPartDeps & {
  /** Ids of the bookings that a call of this instance, or its sweeper, is cancelling. */
  readonly cancelling: Set<string>;
};

/** Nobody is invited any more to a booking that is cancelled. */
const cancelledColumns = {
  status: "cancelled" as const,
  cancelling_instance_id: null,
  invitation: sql<BookingRow["invitation"]>`nullif(invitation, 'pending')`,
};

/** The part of the ledger that cancels confirmed bookings. */
export function createCancellations({
  db,
  events,
  by,
  instanceId,
  cancelling,
  now,
}: CancellationPartDeps): Cancellations {
  return {
    async beginCancelling({ id }) {
      if (cancelling.has(id)) return false;
      cancelling.add(id);
      let hasBegun = false;
      try {
        const { numUpdatedRows } = await updateConfirmed(db, id)
          .set({ cancelling_instance_id: instanceId, ...toAuthorColumns(currentAuthor(by)) })
          .where(
            sql<boolean>`(cancelling_instance_id is null or cancelling_instance_id = ${instanceId}
              or cancelling_instance_id not in (select id from instances))`,
          )
          .executeTakeFirstOrThrow();
        hasBegun = numUpdatedRows === 1n;
      } finally {
        if (!hasBegun) cancelling.delete(id);
      }
      return hasBegun;
    },

    async isCancelling({ id }) {
      const row = await db
        .selectFrom("bookings")
        .select("id")
        .where("id", "=", id)
        .where("status", "=", "confirmed")
        .where("cancelling_instance_id", "=", instanceId)
        .executeTakeFirst();
      return row !== undefined;
    },

    async endCancelling({ id }) {
      cancelling.delete(id);
      await db
        .updateTable("bookings")
        .set({ cancelling_instance_id: null, asked_by: null, asked_actor: null })
        .where("id", "=", id)
        .where("cancelling_instance_id", "=", instanceId)
        .execute();
    },

    leaveCancelling({ id }) {
      cancelling.delete(id);
    },

    async cancel(booking) {
      cancelling.delete(booking.id);
      await events.transaction(async (trx, append) => {
        const cancelled = await updateConfirmed(trx.withTables<BookingTables>(), booking.id)
          .where("event_id", "=", booking.eventId)
          .set({ ...cancelledColumns, ...toChangeColumns(now()) })
          .returning(["start_ms", "asked_by", "asked_actor"])
          .executeTakeFirst();
        if (cancelled === undefined) return;
        // Whoever ends it may be another one than who has begun it.
        const author = toAuthor(cancelled) ?? currentAuthor(by);
        await append(toCancelled(booking, cancelled.start_ms, author));
      });
    },
  };
}

/** The part of the ledger that stores what was done by hand to the events of confirmed bookings. */
export function createFollowedChanges({ db, events, now }: LedgerPartDeps): FollowedChanges {
  return {
    async follow(booking, event, move) {
      const seat = move?.seat ?? everySeat;
      const author = move?.author ?? inCalendar;
      const change =
        event === undefined
          ? cancelledColumns
          : { ...toRangeColumns({ ...booking, start: event.start, end: event.end }), seat };
      await events.transaction(async (trx, append) => {
        const { numUpdatedRows } = await updateConfirmed(trx.withTables<BookingTables>(), booking.id)
          .set({ ...change, ...toChangeColumns(now()) })
          // The caller has compared the calendar with this version of the row. An instance of 0.1.0 changes `updated_at`
          // alone.
          .where("version", "=", booking.version)
          .where("updated_at", "=", new Date(booking.updatedAt).toISOString())
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return;
        if (event === undefined) await append(toCancelled(booking, booking.start, author));
        else if (!isSameInterval(event, booking))
          await append(toRescheduled(booking, { from: booking.start, to: event, ...author }));
      });
    },

    async adopt(customerId, bookingIds, accountId) {
      await db
        .updateTable("bookings")
        .set({ account_id: accountId })
        .where(sql<boolean>`id in ${valueList(db, "text", bookingIds)}`)
        .where("customer_id", "=", customerId)
        .where("account_id", "is", null)
        .execute();
    },
  };
}

function updateConfirmed(db: LedgerDb, id: string) {
  return db.updateTable("bookings").where("id", "=", id).where("status", "=", "confirmed");
}
