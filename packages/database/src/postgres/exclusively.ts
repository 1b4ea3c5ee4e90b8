import { sql, type Transaction } from "kysely";

/**
 * The key is an advisory lock until the transaction's end. Transactions are READ COMMITTED, where each statement sees what
 * was committed before it began: all that earlier holders of the key have written. Keys are the schema's own, where
 * advisory locks are the whole database's.
 */
export async function takeKey<Tables>(trx: Transaction<Tables>, key: string): Promise<void> {
  const hash = sql`hashtextextended(current_schema() || ' ' || ${key}, 0)`;
  await sql`select pg_advisory_xact_lock(${hash})`.execute(trx);
}
