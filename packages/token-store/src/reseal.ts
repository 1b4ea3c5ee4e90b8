import type { Kysely } from "kysely";
import { type KeyRing, linkPlace, SealError, tokenPlace } from "./key-ring.ts";
import type { TokenStoreTables } from "./schema.ts";

/** Rows in one transaction. Other writers wait for it. */
const batchSize = 100;

/** The result for one batch of rows that were sealed with another key than the first. */
type ResealedBatch = {
  readonly rows: number;
  readonly resealed: number;
  readonly unopened: readonly UnopenedRow[];
};

/** A row that no configured key opens, and that is still needed. */
export type UnopenedRow = {
  readonly customerId: string;
  readonly what: "connection" | "link";
  /** As stored in the row. */
  readonly fingerprint: string | null;
};

/**
 * Seals connections that are sealed with another key with the first key, in batches. A row is written only if its version
 * is still the one that was read, and keeps that version.
 */
export async function* resealConnections(
  db: Kysely<TokenStoreTables>,
  keys: KeyRing,
): AsyncGenerator<ResealedBatch> {
  for (let after = { customer_id: "", connection_id: "" }; ; ) {
    const rows = await db
      .selectFrom("oauth_tokens")
      .select(["connection_id", "customer_id", "provider", "access_token", "refresh_token"])
      .select(["key_fingerprint", "version"])
      .where("key_fingerprint", "!=", keys.primaryFingerprint)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple("customer_id", "connection_id"), ">", tuple(after.customer_id, after.connection_id)),
      )
      .orderBy("customer_id")
      .orderBy("connection_id")
      .limit(batchSize)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last;

    const { opened, unopened } = resealAll(rows, (row) => {
      const key = { customerId: row.customer_id, provider: row.provider };
      return {
        access_token: keys.reseal(tokenPlace(key, "access_token"), row.access_token),
        refresh_token:
          row.refresh_token === null
            ? null
            : keys.reseal(tokenPlace(key, "refresh_token"), row.refresh_token),
      };
    });
    const resealed = await db.transaction().execute(async (transaction) => {
      let count = 0;
      for (const { row, sealed } of opened) {
        const { numUpdatedRows } = await transaction
          .updateTable("oauth_tokens")
          .set({ ...sealed, key_fingerprint: keys.primaryFingerprint })
          .where("connection_id", "=", row.connection_id)
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

/** Seals consent links that are sealed with another key with the first key, in batches. */
export async function* resealLinks(
  db: Kysely<TokenStoreTables>,
  keys: KeyRing,
  now: Date,
): AsyncGenerator<ResealedBatch> {
  const at = now.toISOString();
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom("consent_links")
      .select(["id", "customer_id", "token_hash", "token_sealed", "key_fingerprint"])
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
      return keys.reseal(linkPlace(row.customer_id, row.token_hash), row.token_sealed);
    });
    const resealed = await db.transaction().execute(async (transaction) => {
      let count = 0;
      for (const { row, sealed } of opened) {
        const { numUpdatedRows } = await transaction
          .updateTable("consent_links")
          .set({ token_sealed: sealed, key_fingerprint: keys.primaryFingerprint, sealed_with_provider: 0 })
          .where("id", "=", row.id)
          .where("token_sealed", "=", row.token_sealed)
          .executeTakeFirstOrThrow();
        count += Number(numUpdatedRows);
      }
      return count;
    });
    // A link that isn't live is never shown again, so it needn't be opened.
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

/** Seals each row anew. Rows that can't be opened are returned as `unopened`. */
function resealAll<Row, Sealed>(
  rows: readonly Row[],
  reseal: (row: Row) => Sealed,
): { opened: { row: Row; sealed: Sealed }[]; unopened: Row[] } {
  const opened: { row: Row; sealed: Sealed }[] = [];
  const unopened: Row[] = [];
  for (const row of rows) {
    try {
      opened.push({ row, sealed: reseal(row) });
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      unopened.push(row);
    }
  }
  return { opened, unopened };
}
