import type { Kysely } from "kysely";
import type { KeyRing } from "./key-ring.ts";
import type { TokenStoreTables } from "./schema.ts";

const rowsAtOnce = 500;

/**
 * Stores the fingerprints of older consent links' keys, which their rows don't have. Links that no configured key opens
 * stay without one until the store is opened with their key.
 */
export async function recordLinkFingerprints(db: Kysely<TokenStoreTables>, keys: KeyRing): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom("consent_links")
      .select(["id", "token_sealed"])
      .where("key_fingerprint", "is", null)
      .where("id", ">", after)
      .orderBy("id")
      .limit(rowsAtOnce)
      .execute();
    const byKey = Map.groupBy(rows, (row) => keys.findFingerprint(row.token_sealed));
    for (const [fingerprint, links] of byKey) {
      if (fingerprint === undefined) continue;
      await db
        .updateTable("consent_links")
        .set({ key_fingerprint: fingerprint })
        .where(
          "id",
          "in",
          links.map((link) => link.id),
        )
        .where("key_fingerprint", "is", null)
        .execute();
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
