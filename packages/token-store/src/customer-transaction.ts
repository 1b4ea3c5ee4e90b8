import type { Database } from "@cita/database";
import type { AppendEvent, EventLog } from "@cita/events";
import type { Kysely } from "kysely";
import type { TokenStoreTables } from "./schema.ts";

type CustomerTransaction = {
  readonly db: Kysely<TokenStoreTables>;
  readonly append: AppendEvent;
  /** The same transaction, for others' tables. */
  readonly trx: Database;
};

/**
 * Runs `act` in a transaction, alone among those about the same customer's connection and links, since each of them
 * decides by what it reads there.
 */
export function transactionOf<T>(
  events: Pick<EventLog, "transaction">,
  customerId: string,
  act: (transaction: CustomerTransaction) => Promise<T>,
): Promise<T> {
  return events.transaction(
    (trx, append) => act({ db: trx.withTables<TokenStoreTables>(), append, trx }),
    `connection of ${customerId}`,
  );
}
