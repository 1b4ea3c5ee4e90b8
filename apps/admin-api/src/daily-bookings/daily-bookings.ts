/**
 * How many bookings were made each day, counted from the calendar service's events as they are read, so that the overview
 * costs the same however many customers there are. What was cancelled later stays counted: it was booked.
 */

import { type Database, migrate } from "@cita/database";
import { addDays } from "@cita/scheduling";
import { type Kysely, sql } from "kysely";
import type { CustomerScope } from "../access/caller.ts";
import { isInScope } from "../customers/customer-scope.ts";
import { type DailyBookingTables, dailyBookingMigrations } from "./migrations.ts";

export type DailyBookings = {
  /**
   * Adds what events tell, in the transaction that stores their cursor.
   * @param trx the database within the transaction.
   */
  count(trx: Database, events: readonly Happened[]): Promise<void>;
  /**
   * The days from `from` on that have any, of the customers in the scope.
   * @param from in UTC, as `2027-01-18`.
   */
  since(from: string, scope: CustomerScope): Promise<ReadonlyMap<string, number>>;
  /** Removes a customer's own counts. In those of all it is no longer told apart. */
  forget(customerId: string): Promise<void>;
};

type Happened = { readonly at: string; readonly kind: string; readonly customer_id: string | null };

const keptDays = 35;

/** Migrates the table. Those of `peopleMigrations` must exist. @throws DatabaseError */
export async function openDailyBookings(database: Database): Promise<DailyBookings> {
  await migrate(database, dailyBookingMigrations);
  const db = database.withTables<DailyBookingTables>();
  return {
    count: (trx, events) => countEvents(trx.withTables<DailyBookingTables>(), events),

    async forget(customerId) {
      await db.deleteFrom("daily_bookings").where("customer_id", "=", customerId).execute();
    },

    async since(from, scope) {
      const rows = await db
        .selectFrom("daily_bookings")
        .select(["day", ({ fn }) => fn.sum<number>("booked").as("booked")])
        .where("day", ">=", from)
        // The total is a row of its own.
        .where(scope.kind === "all" ? sql<boolean>`customer_id = ''` : isInScope(scope, "customer_id"))
        .groupBy("day")
        .execute();
      return new Map(rows.map(({ day, booked }) => [day, Number(booked)]));
    },
  };
}

async function countEvents(db: Kysely<DailyBookingTables>, events: readonly Happened[]): Promise<void> {
  const counts = new Map<string, { day: string; customer_id: string; booked: number }>();
  for (const { at, kind, customer_id } of events) {
    if (kind !== "booked" || customer_id === null) continue;
    const day = at.slice(0, 10);
    for (const owner of ["", customer_id]) {
      const id = `${day} ${owner}`;
      const before = counts.get(id)?.booked ?? 0;
      counts.set(id, { day, customer_id: owner, booked: before + 1 });
    }
  }
  const newest = [...counts.values()].reduce((last, { day }) => (day > last ? day : last), "");
  if (newest === "") return;
  const rows = [...counts].map(([id, count]) => ({ id, ...count }));
  await db
    .insertInto("daily_bookings")
    .values(rows)
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet({ booked: sql`daily_bookings.booked + excluded.booked` }),
    )
    .execute();
  const oldest = addDays(newest, -keptDays);
  await db.deleteFrom("daily_bookings").where("day", "<", oldest).execute();
}
