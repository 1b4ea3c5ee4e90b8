import type { Kysely, Transaction } from "kysely";
import { isTransaction } from "../engine.ts";

/** Every transaction has the database's one write lock (`begin immediate`), so the key isn't asked for. */
export function exclusively<Tables, T>(
  db: Kysely<Tables>,
  _key: string,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  if (isTransaction(db)) return work(db);
  return db.transaction().execute(work);
}
