import type { OwnedTables } from "@cita/database";
import { type Generated, type Kysely, sql } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const jobMigrations: OwnedTables = {
  owner: "jobs",
  tables: { jobs: "id" },
  migrations: { "0001-jobs": { up: createJobs } },
};

export type JobTables = {
  jobs: {
    id: Generated<number>;
    queue: string;
    key: string;
    lane: string;
    /** Epoch milliseconds, as all times here: what is added to them is the database's to add. */
    due_at: number;
    /** When `due_at` was decided. A time ahead of now shows that the clock was set back. */
    decided_at: number;
    /** How often it was taken. */
    attempts: number;
    /** The lease under which it is being done, until `due_at`; null: it waits. */
    lease: string | null;
  };
};

async function createJobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("jobs")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("queue", "text", (c) => c.notNull())
    .addColumn("key", "text", (c) => c.notNull())
    .addColumn("lane", "text", (c) => c.notNull())
    .addColumn("due_at", "integer", (c) => c.notNull())
    .addColumn("decided_at", "integer", (c) => c.notNull())
    .addColumn("attempts", "integer", (c) => c.notNull())
    .addColumn("lease", "text")
    .execute();
  for (const index of indexes) await sql.raw(`create ${index}`).execute(db);
}

const indexes = [
  "unique index jobs_by_key on jobs (queue, key)",
  "index jobs_by_lane on jobs (queue, lane, due_at, id)",
  "index jobs_by_due_time on jobs (queue, due_at)",
  "index jobs_by_decision on jobs (queue, decided_at)",
];
