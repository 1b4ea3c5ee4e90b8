import type { OwnedTables } from "@cita/database";
import type { Kysely } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const dailyBookingMigrations: OwnedTables = {
  owner: "daily_bookings",
  tables: { daily_bookings: "id" },
  migrations: { "0001-daily-bookings": { up: createDailyBookings } },
};

export type DailyBookingTables = {
  daily_bookings: {
    /** `day customer_id`, so that one column identifies a row. */
    id: string;
    /** In UTC, as `2027-01-18`. */
    day: string;
    /** "": all customers together. */
    customer_id: string;
    booked: number;
  };
};

async function createDailyBookings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("daily_bookings")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("day", "text", (c) => c.notNull())
    .addColumn("customer_id", "text", (c) => c.notNull())
    .addColumn("booked", "integer", (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex("daily_bookings_by_customer")
    .on("daily_bookings")
    .columns(["customer_id", "day"])
    .execute();
  // What is too old is deleted by day.
  await db.schema.createIndex("daily_bookings_by_day").on("daily_bookings").columns(["day"]).execute();
}
