import type { Kysely } from "kysely";
import { type KeyRing, linkPlace, SealError } from "./key-ring.ts";
import type { TokenStoreTables } from "./schema.ts";

const rowsAtOnce = 100;

/**
 * Seals the links of earlier versions, which were sealed together with a provider, anew without one. A link that no
 * configured key opens stays until the store is opened with its key; until then it can be opened as it is.
 */
export async function resealWithoutProvider(db: Kysely<TokenStoreTables>, keys: KeyRing): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom("consent_links")
      .select(["id", "customer_id", "token_hash", "token_sealed"])
      .where("sealed_with_provider", "=", 1)
      .where("id", ">", after)
      .orderBy("id")
      .limit(rowsAtOnce)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
    await db.transaction().execute(async (transaction) => {
      for (const row of rows) {
        const sealed = resealOrKeep(keys, linkPlace(row.customer_id, row.token_hash), row.token_sealed);
        if (sealed === undefined) continue;
        await transaction
          .updateTable("consent_links")
          .set({ token_sealed: sealed, key_fingerprint: keys.primaryFingerprint, sealed_with_provider: 0 })
          .where("id", "=", row.id)
          .where("token_sealed", "=", row.token_sealed)
          .execute();
      }
    });
  }
}

/** @returns undefined where no key opens it. */
function resealOrKeep(
  keys: KeyRing,
  place: Parameters<KeyRing["reseal"]>[0],
  token: string,
): string | undefined {
  try {
    return keys.reseal(place, token);
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
