import { engineName, type OwnedTables } from "@cita/database";
import { type Kysely, sql } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const sharedCountMigrations: OwnedTables = {
  owner: "shared_counts",
  tables: { shared_counts: "key" },
  migrations: { "0001-shared-counts": { up: createSharedCounts } },
};

/** In SQLite it stays empty. In PostgreSQL nothing of it is logged, so that no commit waits for the disk. */
async function createSharedCounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("shared_counts")
    .addColumn("key", "text", (c) => c.primaryKey())
    .addColumn("requests", "integer", (c) => c.notNull())
    .addColumn("began_at_ms", "integer", (c) => c.notNull())
    .execute();
  if (engineName(db) === "postgres") await sql`alter table shared_counts set unlogged`.execute(db);
}
