import { SealError } from "./key-ring.ts";
import type { TokenStoreDeps } from "./open-token-store.ts";
import type { TokenStoreTables } from "./schema.ts";
import { tokenPlace } from "./sealed-places.ts";
import type { CustomerKey } from "./token-store.ts";

const rowsAtOnce = 500;

/** Connections that can't be opened although their key is configured. It opens every one, so it takes its time. */
export async function findDamagedConnections({
  db: database,
  keys,
}: Pick<TokenStoreDeps, "db" | "keys">): Promise<CustomerKey[]> {
  const db = database.withTables<TokenStoreTables>();
  const damaged: CustomerKey[] = [];
  for (let after = { customer_id: "", provider: "" }; ; ) {
    const rows = await db
      .selectFrom("oauth_tokens")
      .select(["customer_id", "provider", "access_token", "refresh_token"])
      .where("key_fingerprint", "in", keys.fingerprints)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple("customer_id", "provider"), ">", tuple(after.customer_id, after.provider)),
      )
      .orderBy("customer_id")
      .orderBy("provider")
      .limit(rowsAtOnce)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return damaged;
    after = last;
    for (const row of rows) {
      const key = { customerId: row.customer_id, provider: row.provider };
      try {
        keys.open(tokenPlace(key, "access_token"), row.access_token);
        keys.open(tokenPlace(key, "refresh_token"), row.refresh_token);
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        damaged.push(key);
      }
    }
  }
}
