import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/** What SQLite's quick check finds wrong with a database, in its words; undefined: nothing. */
export async function findDamage(db: Database): Promise<string | undefined> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db);
  const [finding] = rows;
  return finding?.quick_check === "ok" ? undefined : (finding?.quick_check ?? "no answer");
}
