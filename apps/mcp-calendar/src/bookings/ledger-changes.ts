import { sql } from "kysely";
import type { Changes } from "./ledger.ts";
import type { LedgerPartDeps } from "./ledger-holds.ts";
import { everySeat, listed, rangeOf } from "./ledger-queries.ts";
import { toBooking } from "./ledger-rows.ts";

/** The part of the ledger that changes confirmed bookings. */
export function createChanges({ db, instanceId, now }: LedgerPartDeps): Changes {
  const updated = () => ({ updated_at: new Date(now()).toISOString() });
  /** Bookings that are being cancelled, or whose cancellation is being settled, by this instance: by one at a time. */
  const workedOn = new Set<string>();
  const confirmedById = (id: string) =>
    db.updateTable("bookings").where("id", "=", id).where("status", "=", "confirmed");

  return {
    async beginCancelling({ id }) {
      if (workedOn.has(id)) return false;
      workedOn.add(id);
      let hasBegun = false;
      try {
        const { numUpdatedRows } = await confirmedById(id)
          .set({ cancelling_instance_id: instanceId })
          .where(
            sql<boolean>`(cancelling_instance_id is null or cancelling_instance_id = ${instanceId}
              or cancelling_instance_id not in (select id from instances))`,
          )
          .executeTakeFirstOrThrow();
        hasBegun = numUpdatedRows === 1n;
      } finally {
        if (!hasBegun) workedOn.delete(id);
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
      workedOn.delete(id);
      await db
        .updateTable("bookings")
        .set({ cancelling_instance_id: null })
        .where("id", "=", id)
        .where("cancelling_instance_id", "=", instanceId)
        .execute();
    },

    leaveCancelling({ id }) {
      workedOn.delete(id);
    },

    async cancel({ id, eventId }) {
      workedOn.delete(id);
      await confirmedById(id)
        // Written anew into another account's calendar meanwhile, it stands there.
        .where("event_id", "=", eventId)
        .set({ status: "cancelled", cancelling_instance_id: null, ...updated() })
        .execute();
    },

    async claimCancellations(most) {
      const rows = await db
        .updateTable("bookings")
        .set({ cancelling_instance_id: instanceId })
        .where("id", "in", (eb) =>
          eb
            .selectFrom("bookings")
            .select("id")
            .where("cancelling_instance_id", "is not", null)
            .where(
              sql<boolean>`((cancelling_instance_id <> ${instanceId} and cancelling_instance_id not in (select id from instances))
                or (cancelling_instance_id = ${instanceId} and id not in ${listed([...workedOn])}))`,
            )
            // In random order, so that bookings of a calendar that doesn't answer can't keep all others waiting.
            .orderBy(sql`random()`)
            .limit(most),
        )
        .returningAll()
        .execute();
      // A call may have begun in the meantime.
      const left = rows.filter(({ id }) => !workedOn.has(id));
      for (const { id } of left) workedOn.add(id);
      return left.map(toBooking);
    },

    async follow(booking, event, seat = everySeat) {
      const change =
        event === undefined
          ? { status: "cancelled", cancelling_instance_id: null }
          : { ...rangeOf({ ...booking, start: event.start, end: event.end }), seat };
      await confirmedById(booking.id)
        .set({ ...change, ...updated() })
        // Whoever looked at it before it was changed again is too late.
        .where("updated_at", "=", new Date(booking.updatedAt).toISOString())
        .execute();
    },

    async adopt(customerId, eventIds, accountId) {
      await db
        .updateTable("bookings")
        .set({ account_id: accountId })
        .where(sql<boolean>`event_id in ${listed(eventIds)}`)
        .where("customer_id", "=", customerId)
        .where("account_id", "is", null)
        .execute();
    },
  };
}
