import { sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * Reads and checks the whole file.
 * @returns the first damage in SQLite's words; undefined: there is none.
 * @throws DatabaseError
 * @see https://sqlite.org/pragma.html#pragma_quick_check
 */
export async function findDamage(db: Database): Promise<string | undefined> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db);
  const [finding] = rows;
  return finding?.quick_check === "ok" ? undefined : (finding?.quick_check ?? "no answer");
}

/** Takes and releases the write lock without writing. @throws DatabaseError */
export async function checkWritable(db: Database): Promise<void> {
  await db.transaction().execute((trx) => sql`select 1`.execute(trx));
}
