import type { Kysely } from "kysely";
import type { KeyRing } from "./key-ring.ts";
import { batchSize, type ResealedBatch, resealAll } from "./reseal-batch.ts";
import type { TokenStoreTables } from "./schema.ts";
import { tokenPlace } from "./sealed-places.ts";

/**
 * Seals with the first key the connections that are on another, batch by batch. A row is only written over
 * the version that was read; the version stays, because what the row says does.
 */
export async function* resealConnections(
  db: Kysely<TokenStoreTables>,
  keys: KeyRing,
): AsyncGenerator<ResealedBatch> {
  for (let after = { customer_id: "", provider: "" }; ; ) {
    const rows = await db
      .selectFrom("oauth_tokens")
      .select(["customer_id", "provider", "access_token", "refresh_token", "key_fingerprint", "version"])
      .where("key_fingerprint", "!=", keys.primaryFingerprint)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple("customer_id", "provider"), ">", tuple(after.customer_id, after.provider)),
      )
      .orderBy("customer_id")
      .orderBy("provider")
      .limit(batchSize)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last;

    const { opened, unopened } = resealAll(rows, (row) => {
      const key = { customerId: row.customer_id, provider: row.provider };
      return {
        access_token: keys.reseal(tokenPlace(key, "access_token"), row.access_token),
        refresh_token: keys.reseal(tokenPlace(key, "refresh_token"), row.refresh_token),
      };
    });
    const resealed = await db.transaction().execute(async (transaction) => {
      let count = 0;
      for (const { row, sealed } of opened) {
        const { numUpdatedRows } = await transaction
          .updateTable("oauth_tokens")
          .set({ ...sealed, key_fingerprint: keys.primaryFingerprint })
          .where("customer_id", "=", row.customer_id)
          .where("provider", "=", row.provider)
          .where("version", "=", row.version)
          .executeTakeFirstOrThrow();
        count += Number(numUpdatedRows);
      }
      return count;
    });
    yield {
      rows: rows.length,
      resealed,
      unopened: unopened.map((row) => ({
        customerId: row.customer_id,
        what: "connection",
        fingerprint: row.key_fingerprint,
      })),
    };
  }
}
