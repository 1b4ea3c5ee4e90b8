import type { OwnedTables } from "@cita/database";
import type { Kysely } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const retentionMigrations: OwnedTables = {
  owner: "retention",
  tables: { removed_customers: "hash" },
  migrations: { "0001-removed-customers": { up: createRemovedCustomers } },
};

export type RetentionTables = {
  /** Customers that were removed a moment ago. */
  removed_customers: {
    /** Of the customer's id and since when admin-api had it, so that the row doesn't say whom it is about. */
    hash: string;
    removed_at_ms: number;
  };
};

async function createRemovedCustomers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("removed_customers")
    .addColumn("hash", "text", (c) => c.primaryKey())
    .addColumn("removed_at_ms", "integer", (c) => c.notNull())
    .execute();
  // What is too old is deleted.
  await db.schema
    .createIndex("removed_customers_by_time")
    .on("removed_customers")
    .columns(["removed_at_ms"])
    .execute();
}
