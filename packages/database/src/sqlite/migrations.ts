import { sql } from "kysely";
import type { Database } from "../database.ts";

/** SQLite's DDL is part of transactions, and each has the write lock. */
export async function migrate(db: Database, work: (trx: Database) => Promise<void>): Promise<void> {
  await db.transaction().execute(work);
}

export async function hasTable(db: Database, name: string): Promise<boolean> {
  const found = sql`select 1 from sqlite_master where type = 'table' and name = ${name}`;
  return (await found.execute(db)).rows.length > 0;
}
