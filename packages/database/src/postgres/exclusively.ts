import { type Kysely, sql, type Transaction } from "kysely";
import { isTransaction } from "../engine.ts";

/**
 * The key is an advisory lock until the transaction's end. Transactions are READ COMMITTED, where each statement sees what
 * was committed before it began: all that earlier holders of the key have written.
 */
export function exclusively<Tables, T>(
  db: Kysely<Tables>,
  key: string,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  const locked = async (trx: Transaction<Tables>) => {
    await takeKey(trx, key);
    return work(trx);
  };
  return isTransaction(db) ? locked(db) : db.transaction().execute(locked);
}

/** Keys are the schema's own, where advisory locks are the whole database's. */
export async function takeKey<Tables>(trx: Transaction<Tables>, key: string): Promise<void> {
  const hash = sql`hashtextextended(current_schema() || ' ' || ${key}, 0)`;
  await sql`select pg_advisory_xact_lock(${hash})`.execute(trx);
}
