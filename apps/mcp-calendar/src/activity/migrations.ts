import type { MigrationSet } from "@cita/database";
import { type Generated, type Kysely, sql } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const activityMigrations: MigrationSet = {
  owner: "activity",
  migrations: {
    "0001-activity": { up: createActivity },
    "0002-platform": { up: letCustomerBeMissing },
  },
};

export type ActivityTables = {
  activity: {
    /** Ascends, and is never given twice. */
    id: Generated<number>;
    at: string;
    /** null: it is about the platform itself. */
    customer_id: string | null;
    kind: string;
    /** A JSON object. */
    detail: string;
    /** See `ActivityEvent.once`; null: stored as often as it happens. */
    once: string | null;
  };
};

async function createActivity(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("activity")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("at", "text", (c) => c.notNull())
    .addColumn("customer_id", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("detail", "text", (c) => c.notNull())
    .addColumn("once", "text", (c) => c.unique())
    .execute();
  await db.schema.createIndex("activity_by_customer").on("activity").columns(["customer_id", "id"]).execute();
}

/** Makes `customer_id` nullable, for the platform's agent keys. SQLite can't do that without a new table. */
async function letCustomerBeMissing(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex("activity_by_customer").execute();
  await db.schema.alterTable("activity").renameTo("activity_before").execute();
  await db.schema
    .createTable("activity")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("at", "text", (c) => c.notNull())
    .addColumn("customer_id", "text")
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("detail", "text", (c) => c.notNull())
    .addColumn("once", "text", (c) => c.unique())
    .execute();
  await sql`insert into activity (id, at, customer_id, kind, detail, once)
    select id, at, customer_id, kind, detail, once from activity_before`.execute(db);
  await db.schema.dropTable("activity_before").execute();
  await db.schema.createIndex("activity_by_customer").on("activity").columns(["customer_id", "id"]).execute();
}
