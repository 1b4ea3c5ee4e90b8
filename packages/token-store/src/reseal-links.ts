import type { Kysely } from "kysely";
import type { KeyRing } from "./key-ring.ts";
import { batchSize, type ResealedBatch, resealAll } from "./reseal-batch.ts";
import type { TokenStoreTables } from "./schema.ts";
import { linkPlace } from "./sealed-places.ts";

/** Seals with the first key the consent links that are on another, batch by batch. */
export async function* resealLinks(
  db: Kysely<TokenStoreTables>,
  keys: KeyRing,
  now: Date,
): AsyncGenerator<ResealedBatch> {
  const at = now.toISOString();
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom("consent_links")
      .select(["id", "customer_id", "provider", "token_hash", "token_sealed", "key_fingerprint"])
      .select(["used_at", "revoked_at", "expires_at"])
      .where("key_fingerprint", "is distinct from", keys.primaryFingerprint)
      .where("id", ">", after)
      .orderBy("id")
      .limit(batchSize)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;

    const { opened, unopened } = resealAll(rows, (row) => {
      const key = { customerId: row.customer_id, provider: row.provider };
      return keys.reseal(linkPlace(key, row.token_hash), row.token_sealed);
    });
    const resealed = await db.transaction().execute(async (transaction) => {
      let count = 0;
      for (const { row, sealed } of opened) {
        const { numUpdatedRows } = await transaction
          .updateTable("consent_links")
          .set({ token_sealed: sealed, key_fingerprint: keys.primaryFingerprint })
          .where("id", "=", row.id)
          .where("token_sealed", "=", row.token_sealed)
          .executeTakeFirstOrThrow();
        count += Number(numUpdatedRows);
      }
      return count;
    });
    // A link that is over is never shown again: whether it can be opened no longer matters.
    const needed = unopened.filter(
      (row) => row.used_at === null && row.revoked_at === null && row.expires_at > at,
    );
    yield {
      rows: rows.length,
      resealed,
      unopened: needed.map((row) => ({
        customerId: row.customer_id,
        what: "link",
        fingerprint: row.key_fingerprint,
      })),
    };
  }
}
