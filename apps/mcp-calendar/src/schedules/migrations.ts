import type { OwnedTables } from "@cita/database";
import type { Kysely } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const scheduleMigrations: OwnedTables = {
  owner: "schedules",
  tables: { schedules: "customer_id" },
  migrations: { "0001-schedules": { up: createSchedules } },
};

export type ScheduleTables = {
  schedules: {
    customer_id: string;
    /** JSON, in the shape of packages/calendar-api. */
    schedule: string;
    updated_at: string;
  };
};

async function createSchedules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("schedules")
    .addColumn("customer_id", "text", (c) => c.primaryKey())
    .addColumn("schedule", "text", (c) => c.notNull())
    .addColumn("updated_at", "text", (c) => c.notNull())
    .execute();
}
