import type { Kysely } from "kysely";
import type { KeyRing } from "./key-ring.ts";
import type { TokenStoreTables } from "./schema.ts";

const rowsAtOnce = 500;

/**
 * Records which key opens a consent link, for links that were made before this was recorded with them. Links that no
 * key opens stay as they are, until the store is opened with the key that does.
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
    const byKey = Map.groupBy(rows, (row) => keys.keyOf(row.token_sealed));
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
