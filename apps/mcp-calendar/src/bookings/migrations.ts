import type { MigrationSet } from "@cita/database";
import { type Kysely, sql } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const bookingMigrations: MigrationSet = {
  owner: "bookings",
  migrations: { "0001-bookings": { up: createBookings } },
};

/** `*_ms` are epoch milliseconds: ranges are compared, not read. */
export type BookingTables = {
  bookings: {
    id: string;
    customer_id: string;
    status: string;
    start_ms: number;
    end_ms: number;
    held_until_ms: number;
    event_id: string;
    time_zone: string | null;
    service: string;
    attendee_name: string;
    attendee_phone: string | null;
    attendee_email: string | null;
    notes: string | null;
    idempotency_key: string | null;
    request_hash: string;
    created_at: string;
    updated_at: string;
  };
};

async function createBookings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("bookings")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("customer_id", "text", (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("start_ms", "integer", (c) => c.notNull())
    .addColumn("end_ms", "integer", (c) => c.notNull())
    .addColumn("held_until_ms", "integer", (c) => c.notNull())
    .addColumn("event_id", "text", (c) => c.notNull().unique())
    .addColumn("time_zone", "text")
    .addColumn("service", "text", (c) => c.notNull())
    .addColumn("attendee_name", "text", (c) => c.notNull())
    .addColumn("attendee_phone", "text")
    .addColumn("attendee_email", "text")
    .addColumn("notes", "text")
    .addColumn("idempotency_key", "text")
    .addColumn("request_hash", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("updated_at", "text", (c) => c.notNull())
    .execute();

  await db.schema
    .createIndex("bookings_in_force")
    .on("bookings")
    .columns(["customer_id", "start_ms"])
    .where(sql.ref("status"), "in", [sql.lit("held"), sql.lit("confirmed"), sql.lit("abandoned")])
    .execute();

  // A request that came to nothing may be tried again under its key.
  await db.schema
    .createIndex("bookings_idempotency")
    .unique()
    .on("bookings")
    .columns(["customer_id", "idempotency_key"])
    .where(sql.ref("status"), "!=", sql.lit("released"))
    .execute();
}
