import { sql } from "kysely";
import type { Database } from "../database.ts";
import { columnTypes } from "./column-types.ts";
import { takeKey } from "./exclusively.ts";

/** A step may rewrite a large table, and the processes that wait for it start with it. */
const migrationTimeoutMs = 900_000;

/**
 * DDL is part of transactions, as in SQLite. The key is waited for as long as a step may take, and each step then waits
 * for the tables' own locks no longer than any other statement: while it waits, all others wait behind it.
 */
export async function migrate(db: Database, work: (trx: Database) => Promise<void>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ lock: string }>`select current_setting('lock_timeout') as lock`.execute(trx);
    await sql.raw(`set local statement_timeout = ${migrationTimeoutMs}`).execute(trx);
    await sql.raw(`set local lock_timeout = ${migrationTimeoutMs}`).execute(trx);
    await takeKey(trx, "migrations");
    await sql`select set_config('lock_timeout', ${rows[0]?.lock}, true)`.execute(trx);
    await work(trx.withPlugin(columnTypes));
  });
}

/** Read from the catalog's rows: `to_regclass` may answer from a cache that is older than another process's migration. */
export async function hasTable(db: Database, name: string): Promise<boolean> {
  const found = sql`select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relname = ${name}`;
  return (await found.execute(db)).rows.length > 0;
}
