import { type Database, migrationState } from "@cita/database";
import { sql } from "kysely";
import { makeLogId } from "./cursor.ts";
import { eventMigrations } from "./migrations.ts";

/**
 * Gives a copy of a database a log of its own, since the copy and the original go on with different events under the same
 * ids. Does nothing where the database has no log yet.
 */
export async function renewLogId(copy: Database): Promise<void> {
  const { pending } = await migrationState(copy, eventMigrations);
  if (pending.includes("0003-events")) return;
  await sql`update event_log set id = ${makeLogId()}`.execute(copy);
}
