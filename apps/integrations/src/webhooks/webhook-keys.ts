/** The keys that secrets of webhooks are sealed with: what is counted, sealed anew and given up by them. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@cita/database";
import { type CountedUse, type KeyRing, reportKeys, resealTable, type SealedStore } from "@cita/token-store";
import { sql } from "kysely";
import { countIntegrations, createSealedIntegrations } from "../integrations/integration-keys.ts";
import type { WebhookTables } from "./schema.ts";
import { secretPlace } from "./webhook-rows.ts";

type SealedDeps = { readonly db: Database; readonly keys: KeyRing };

const tablesOf = (db: Database) => db.withTables<WebhookTables>();

/** All that this service has sealed. The tables of `integrationMigrations` and `webhookMigrations` must exist. */
export function createSealedSecrets(deps: SealedDeps): SealedStore {
  const { db, keys } = deps;
  const integrations = createSealedIntegrations(deps);
  return {
    check: async () => reportKeys(keys, addUp(await countIntegrations(db), await countWebhooks(db))),

    async countForeign() {
      const { count } = await tablesOf(db)
        .selectFrom("webhooks")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("key_fingerprint", "!=", keys.primaryFingerprint)
        .executeTakeFirstOrThrow();
      return count + (await integrations.countForeign());
    },

    reseal: () => [...integrations.reseal(), resealWebhooks(deps)],
  };
}

async function countWebhooks(db: Database) {
  return tablesOf(db)
    .selectFrom("webhooks")
    .select(({ fn }) => ["key_fingerprint as fingerprint", fn.countAll<number>().as("webhooks")])
    .where("key_fingerprint", "is not", null)
    .groupBy("key_fingerprint")
    .execute();
}

function addUp(
  integrations: readonly CountedUse[],
  webhooks: Awaited<ReturnType<typeof countWebhooks>>,
): CountedUse[] {
  const uses = new Map(integrations.map((use) => [use.fingerprint, use]));
  for (const { fingerprint, webhooks: count } of webhooks) {
    const use = uses.get(fingerprint) ?? { fingerprint, connections: 0, liveLinks: 0, deadLinks: 0 };
    uses.set(fingerprint, { ...use, webhooks: count });
  }
  return [...uses.values()];
}

/** A row is written only if its secrets are still the ones that were read. */
function resealWebhooks({ db, keys }: SealedDeps) {
  const rowsAfter = (id: string, limit: number) =>
    tablesOf(db)
      .selectFrom("webhooks")
      .select(["id", "owner", "secret", "previous_secret", "key_fingerprint", "version"])
      .where("key_fingerprint", "!=", keys.primaryFingerprint)
      // Secrets that were given up have no key.
      .$narrowType<{ secret: string; key_fingerprint: string }>()
      .where("id", ">", id)
      .orderBy("id")
      .limit(limit)
      .execute();
  type Row = Awaited<ReturnType<typeof rowsAfter>>[number];
  return resealTable(db, {
    readBatch: (after: Row | undefined, limit) => rowsAfter(after?.id ?? "", limit),
    reseal: (row) => ({
      secret: keys.reseal(secretPlace(row), row.secret),
      previous_secret:
        row.previous_secret === null ? null : keys.reseal(secretPlace(row), row.previous_secret),
    }),
    write: (trx, row, sealed) =>
      tablesOf(trx)
        .updateTable("webhooks")
        .set({ ...sealed, key_fingerprint: keys.primaryFingerprint })
        .where("id", "=", row.id)
        .where("version", "=", row.version)
        .executeTakeFirstOrThrow(),
    toUnopened: ({ owner, key_fingerprint }) => ({
      ...{ customerId: owner, what: "webhook", fingerprint: key_fingerprint },
    }),
  });
}

const batchSize = 50;

/** A pause between two batches lets other processes write, since SQLite's write lock isn't fair. */
const pauseMs = 5;

const lostSecret = "Its secret was sealed with a key that is lost. Rotate the secret, and activate it again.";

/**
 * Gives up secrets that are sealed with a lost key, and deactivates their webhooks. It can be stopped at any time and begun
 * again.
 * @param fingerprint of a key that isn't configured.
 * @returns the owners of each batch.
 */
export async function* forgetWebhooks(
  { db, now }: { readonly db: Database; readonly now: () => Date },
  fingerprint: string,
): AsyncGenerator<string[]> {
  for (; ; await sleep(pauseMs)) {
    const lost = tablesOf(db)
      .selectFrom("webhooks")
      .select("id")
      .where("key_fingerprint", "=", fingerprint)
      .limit(batchSize);
    const rows = await tablesOf(db)
      .updateTable("webhooks")
      .set({
        ...{ secret: null, previous_secret: null, previous_until: null, key_fingerprint: null },
        ...{ is_active: 0, disabled_reason: lostSecret, updated_at: now().toISOString() },
        version: sql<number>`version + 1`,
      })
      .where("id", "in", lost)
      .where("key_fingerprint", "=", fingerprint)
      .returning("owner")
      .execute();
    if (rows.length === 0) return;
    yield rows.map(({ owner }) => owner);
  }
}
