/** The keys that integrations are sealed with: what is counted, sealed anew and given up by them. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@cita/database";
import {
  type CountedUse,
  type KeyRing,
  reportKeys,
  resealTable,
  resealTokens,
  type SealedStore,
} from "@cita/token-store";
import { sql } from "kysely";
import { disconnect, type IntegrationDeps } from "./integration-ownership.ts";
import { placeOf } from "./integration-rows.ts";
import type { IntegrationTables } from "./schema.ts";

type SealedDeps = { readonly db: Database; readonly keys: KeyRing };

/** The tables of `integrationMigrations` must exist. */
export function createSealedIntegrations({ db: database, keys }: SealedDeps): SealedStore {
  const db = database.withTables<IntegrationTables>();
  return {
    check: async () => reportKeys(keys, await countIntegrations(database)),

    async countForeign() {
      const { count } = await db
        .selectFrom("integrations")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("key_fingerprint", "!=", keys.primaryFingerprint)
        .executeTakeFirstOrThrow();
      return count;
    },

    reseal: () => [resealIntegrations({ db: database, keys })],
  };
}

/**
 * Whether the configured keys open anything that is stored, or nothing is: `check` would report `everything` or `part`. It
 * reads one or two rows of an index, so that readiness probes may ask.
 */
export async function opensIntegrations({ db, keys }: SealedDeps): Promise<boolean> {
  const { rows } = await sql<{ opens: number; needed: number }>`
    select
      exists (select 1 from integrations where key_fingerprint in (${sql.join(keys.fingerprints)})) as opens,
      exists (select 1 from integrations where key_fingerprint is not null) as needed
  `.execute(db);
  return rows.every(({ opens, needed }) => opens === 1 || needed === 0);
}

/** How many integrations each key has sealed. */
export async function countIntegrations(db: Database): Promise<CountedUse[]> {
  const rows = await db
    .withTables<IntegrationTables>()
    .selectFrom("integrations")
    .select(({ fn }) => ["key_fingerprint as fingerprint", fn.countAll<number>().as("connections")])
    .where("key_fingerprint", "is not", null)
    .groupBy("key_fingerprint")
    .execute();
  return rows.map((row) => ({ ...row, liveLinks: 0, deadLinks: 0 }));
}

/** A row is written only if its version is still the one that was read, and keeps that version. */
function resealIntegrations({ db: database, keys }: SealedDeps) {
  const rowsAfter = (id: string, limit: number) =>
    database
      .withTables<IntegrationTables>()
      .selectFrom("integrations")
      .select(["id", "owner", "provider", "access_token", "refresh_token", "key_fingerprint", "version"])
      .where("key_fingerprint", "!=", keys.primaryFingerprint)
      // Erased tokens have no key.
      .$narrowType<{ access_token: string; key_fingerprint: string }>()
      .where("id", ">", id)
      .orderBy("id")
      .limit(limit)
      .execute();
  type Row = Awaited<ReturnType<typeof rowsAfter>>[number];
  return resealTable(database, {
    readBatch: (after: Row | undefined, limit) => rowsAfter(after?.id ?? "", limit),
    reseal: (row) => resealTokens(keys, (field) => placeOf(row, field), row),
    write: (trx, row, sealed) =>
      trx
        .withTables<IntegrationTables>()
        .updateTable("integrations")
        .set({ ...sealed, key_fingerprint: keys.primaryFingerprint })
        .where("id", "=", row.id)
        .where("version", "=", row.version)
        .executeTakeFirstOrThrow(),
    toUnopened: ({ owner, key_fingerprint }) => ({
      ...{ customerId: owner, what: "connection", fingerprint: key_fingerprint },
    }),
  });
}

/** Rows that are read at a time. */
const batchSize = 50;

/** A pause between two batches lets other processes write, since SQLite's write lock isn't fair. */
const pauseMs = 5;

/**
 * Gives up what is sealed with a lost key: disconnects its integrations. Each is one transaction, so it can be stopped at any
 * time and begun again.
 * @param fingerprint of a key that isn't configured.
 * @returns the owners of each batch, such as `customer:luna` and `user:ana`.
 */
export async function* forgetIntegrations(
  deps: IntegrationDeps,
  fingerprint: string,
): AsyncGenerator<string[]> {
  for (; ; await sleep(pauseMs)) {
    const rows = await deps.db
      .selectFrom("integrations")
      .select(["id", "owner"])
      .where("key_fingerprint", "=", fingerprint)
      .limit(batchSize)
      .execute();
    if (rows.length === 0) return;
    // One that is connected again meanwhile has another key by then.
    for (const { id } of rows) await disconnect(deps, id, false, { sealedWith: fingerprint });
    yield rows.map(({ owner }) => owner);
  }
}
