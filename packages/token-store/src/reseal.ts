import type { Database } from "@cita/database";
import { type KeyRing, linkPlace, SealError, tokenPlace } from "./key-ring.ts";
import type { SealedRows } from "./open-token-store.ts";
import type { TokenStoreTables } from "./schema.ts";

/** Rows in one transaction. Other writers wait for it. */
const batchSize = 100;

/** The result for one batch of rows that were sealed with another key than the first. */
export type ResealedBatch = {
  readonly rows: number;
  readonly resealed: number;
  readonly unopened: readonly UnopenedRow[];
};

/** A row that no configured key opens, and that is still needed. */
export type UnopenedRow = {
  /** Or another owner, such as `user:<id>`. */
  readonly customerId: string;
  readonly what: "connection" | "link" | "webhook";
  /** As stored in the row. */
  readonly fingerprint: string | null;
};

/** A table that has sealed columns. */
export type SealedTable<Row, Sealed> = {
  /**
   * Reads rows that are sealed with another key than the first, in the order of their key.
   * @param after the last row of the batch before.
   */
  readBatch(after: Row | undefined, limit: number): Promise<Row[]>;
  /** @throws SealError where no configured key opens it. */
  reseal(row: Row): Sealed;
  /** Writes a row that is still as it was read. @returns how many rows were written. */
  write(trx: Database, row: Row, sealed: Sealed): Promise<{ readonly numUpdatedRows: bigint }>;
  /** @returns undefined where nobody needs the row any more. */
  toUnopened(row: Row): UnopenedRow | undefined;
};

/** Seals a table's rows that are sealed with another key with the first key, in batches. */
export async function* resealTable<Row, Sealed>(
  db: Database,
  table: SealedTable<Row, Sealed>,
): AsyncGenerator<ResealedBatch> {
  let last: Row | undefined;
  for (;;) {
    const rows = await table.readBatch(last, batchSize);
    last = rows.at(-1);
    if (last === undefined) return;
    const { opened, unopened } = resealAll(rows, table.reseal);
    const resealed = await db.transaction().execute(async (trx) => {
      let count = 0;
      for (const { row, sealed } of opened)
        count += Number((await table.write(trx, row, sealed)).numUpdatedRows);
      return count;
    });
    const needed = unopened.map(table.toUnopened).filter((row) => row !== undefined);
    yield { rows: rows.length, resealed, unopened: needed };
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

/** Both tokens of a row, sealed anew. @throws SealError */
export function resealTokens(
  keys: KeyRing,
  placeOf: (field: "access_token" | "refresh_token") => Parameters<KeyRing["reseal"]>[0],
  { access_token, refresh_token }: { readonly access_token: string; readonly refresh_token: string | null },
) {
  return {
    access_token: keys.reseal(placeOf("access_token"), access_token),
    refresh_token: refresh_token === null ? null : keys.reseal(placeOf("refresh_token"), refresh_token),
  };
}

/** A row is written only if its version is still the one that was read, and keeps that version. */
export function resealConnections({ db: database, keys }: SealedRows): AsyncGenerator<ResealedBatch> {
  const db = database.withTables<TokenStoreTables>();
  const rowsAfter = (after: { customer_id: string; connection_id: string }, limit: number) =>
    db
      .selectFrom("oauth_tokens")
      .select(["connection_id", "customer_id", "provider", "access_token", "refresh_token"])
      .select(["key_fingerprint", "version"])
      .where("key_fingerprint", "!=", keys.primaryFingerprint)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple("customer_id", "connection_id"), ">", tuple(after.customer_id, after.connection_id)),
      )
      .orderBy("customer_id")
      .orderBy("connection_id")
      .limit(limit)
      .execute();
  type Row = Awaited<ReturnType<typeof rowsAfter>>[number];
  return resealTable(database, {
    readBatch: (after: Row | undefined, limit) =>
      rowsAfter(after ?? { customer_id: "", connection_id: "" }, limit),
    reseal: (row) => {
      const key = { customerId: row.customer_id, provider: row.provider };
      return resealTokens(keys, (field) => tokenPlace(key, field), row);
    },
    write: (trx, row, sealed) =>
      trx
        .withTables<TokenStoreTables>()
        .updateTable("oauth_tokens")
        .set({ ...sealed, key_fingerprint: keys.primaryFingerprint })
        .where("connection_id", "=", row.connection_id)
        .where("version", "=", row.version)
        .executeTakeFirstOrThrow(),
    toUnopened: ({ customer_id, key_fingerprint }) => ({
      ...{ customerId: customer_id, what: "connection", fingerprint: key_fingerprint },
    }),
  });
}

/** Links that are over are sealed anew too, where a key opens them. */
export function resealLinks({
  db: database,
  keys,
  now = () => new Date(),
}: SealedRows): AsyncGenerator<ResealedBatch> {
  const db = database.withTables<TokenStoreTables>();
  const at = now().toISOString();
  const rowsAfter = (id: number, limit: number) =>
    db
      .selectFrom("consent_links")
      .select(["id", "customer_id", "token_hash", "token_sealed", "key_fingerprint"])
      .select(["used_at", "revoked_at", "expires_at"])
      .where("key_fingerprint", "is distinct from", keys.primaryFingerprint)
      .where("id", ">", id)
      .orderBy("id")
      .limit(limit)
      .execute();
  type Row = Awaited<ReturnType<typeof rowsAfter>>[number];
  return resealTable(database, {
    readBatch: (after: Row | undefined, limit) => rowsAfter(after?.id ?? 0, limit),
    reseal: (row) => keys.reseal(linkPlace(row.customer_id, row.token_hash), row.token_sealed),
    write: (trx, row, sealed) =>
      trx
        .withTables<TokenStoreTables>()
        .updateTable("consent_links")
        .set({ token_sealed: sealed, key_fingerprint: keys.primaryFingerprint, sealed_with_provider: 0 })
        .where("id", "=", row.id)
        .where("token_sealed", "=", row.token_sealed)
        .executeTakeFirstOrThrow(),
    // A link that isn't live is never shown again, so it needn't be opened.
    toUnopened: (row) =>
      row.used_at === null && row.revoked_at === null && row.expires_at > at
        ? { customerId: row.customer_id, what: "link", fingerprint: row.key_fingerprint }
        : undefined,
  });
}
