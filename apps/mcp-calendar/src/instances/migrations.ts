import type { OwnedTables } from "@cita/database";
import type { Kysely } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const instanceMigrations: OwnedTables = {
  owner: "instances",
  tables: { instances: "id" },
  migrations: { "0001-instances": { up: createInstances } },
};

export type InstanceTables = {
  /** The running processes of this service. One that ends cleanly removes its own row. */
  instances: {
    id: string;
    /** Incremented while the process is alive. A count, because the clocks of processes may differ. */
    beat: number;
    started_at: string;
  };
};

async function createInstances(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("instances")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("beat", "integer", (c) => c.notNull())
    .addColumn("started_at", "text", (c) => c.notNull())
    .execute();
}
