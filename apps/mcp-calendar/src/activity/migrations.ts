import type { MigrationSet } from "@cita/database";
import type { Generated, Kysely } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const activityMigrations: MigrationSet = {
  owner: "activity",
  migrations: { "0001-activity": { up: createActivity } },
};

export type ActivityTables = {
  activity: {
    /** Ascends, and is never given twice. */
    id: Generated<number>;
    at: string;
    customer_id: string;
    kind: string;
    /** A JSON object. */
    detail: string;
    /** What may be kept only once; null: as often as it happens. */
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
