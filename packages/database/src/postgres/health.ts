import { sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * Asks for pages whose checksum was wrong when they were read. To read them all is for PostgreSQL's own `pg_amcheck`.
 * @returns the damage; undefined: none is known. @throws DatabaseError
 */
export async function findDamage(db: Database): Promise<string | undefined> {
  const { rows } = await sql<{ failures: number | null }>`
    select checksum_failures as failures from pg_stat_database where datname = current_database()`.execute(
    db,
  );
  const failures = rows[0]?.failures ?? 0;
  return failures === 0 ? undefined : `PostgreSQL has read ${failures} pages with a wrong checksum`;
}

/** A new connection is refused by a server that is read-only; one that was there before may have outlived the change. */
export async function checkWritable(db: Database): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Takes a number for the transaction, which a read-only server refuses, and writes nothing.
    await sql`select pg_current_xact_id()`.execute(trx);
  });
}
