import { setTimeout as sleep } from "node:timers/promises";
import { unindexed } from "@cita/database";
import { appendRevoked } from "./consent-events.ts";
import type { TokenStoreDeps } from "./open-token-store.ts";
import type { TokenStoreTables } from "./schema.ts";

/** The key to forget is configured, so it isn't lost. */
export class KeyConfiguredError extends Error {
  override readonly name = "KeyConfiguredError";
  readonly code = "key_configured";
  constructor(fingerprint: string) {
    super(`Key ${fingerprint} is in TOKEN_ENCRYPTION_KEY: what it seals can be used, and is not deleted.`);
  }
}

export type Forgotten = {
  /** Customers whose calendars are no longer connected. */
  readonly disconnected: readonly string[];
  /** Customers whose link no longer works. */
  readonly unlinked: readonly string[];
};

export type ForgettingDeps = Pick<TokenStoreDeps, "db" | "keys" | "events" | "now"> & {
  /** Called once each batch is done for good. */
  readonly onBatch?: (batch: Forgotten) => void;
};

/** Rows in one transaction. Other writers wait for it. */
const batchSize = 50;

/** A pause between two batches lets other processes write, since SQLite's write lock isn't fair. */
const pauseMs = 5;

/**
 * Gives up what is sealed with a lost key: revokes the key's live links and deletes its connections. Each of those
 * customers needs a new link. Each batch is one transaction, so it can be stopped at any time and begun again.
 * @param fingerprint of the key; null: links whose key was never recorded.
 * @throws KeyConfiguredError `key_configured`
 */
export async function forgetKey(deps: ForgettingDeps, fingerprint: string | null): Promise<Forgotten> {
  if (fingerprint !== null && deps.keys.fingerprints.includes(fingerprint))
    throw new KeyConfiguredError(fingerprint);
  const { onBatch = () => undefined } = deps;
  const unlinked: string[] = [];
  const disconnected: string[] = [];
  // Links first: whoever is at a provider just now can't connect any more by a link of the key.
  for await (const batch of revokeLinks(deps, fingerprint)) {
    unlinked.push(...batch);
    onBatch({ disconnected: [], unlinked: batch });
  }
  for await (const batch of deleteConnections(deps, fingerprint ?? "")) {
    disconnected.push(...batch);
    onBatch({ disconnected: batch, unlinked: [] });
  }
  return { disconnected, unlinked };
}

/** @returns the customers of each batch. */
async function* revokeLinks(
  { db, events, now = () => new Date() }: ForgettingDeps,
  fingerprint: string | null,
): AsyncGenerator<string[]> {
  const unused = db
    .withTables<TokenStoreTables>()
    .selectFrom("consent_links")
    .select("id")
    .where("key_fingerprint", "is not distinct from", fingerprint)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .orderBy("id")
    .limit(batchSize);
  for (let after = 0; ; await sleep(pauseMs)) {
    const ids = (await unused.where("id", ">", after).execute()).map(({ id }) => id);
    const last = ids.at(-1);
    if (last === undefined) return;
    after = last;
    yield await events.transaction(async (trx, append) => {
      const revoked = await trx
        .withTables<TokenStoreTables>()
        .updateTable("consent_links")
        .set({ revoked_at: now().toISOString() })
        .where("id", "in", ids)
        .where("used_at", "is", null)
        .where("revoked_at", "is", null)
        .returning(["customer_id as customerId", "id"])
        .execute();
      await appendRevoked(append, revoked, "disconnected");
      return revoked.map(({ customerId }) => customerId);
    });
  }
}

/** @returns the customers of each batch. */
async function* deleteConnections({ events }: ForgettingDeps, fingerprint: string): AsyncGenerator<string[]> {
  for (; ; await sleep(pauseMs)) {
    const batch = await events.transaction(async (trx, append) => {
      const deleted = await trx
        .withTables<TokenStoreTables>()
        .deleteFrom("oauth_tokens")
        .where("connection_id", "in", ({ selectFrom }) =>
          selectFrom("oauth_tokens")
            .select("connection_id")
            .where("key_fingerprint", "=", fingerprint)
            .limit(batchSize),
        )
        // A consent that is being completed may have sealed the row anew meanwhile. By the index of keys SQLite would read
        // every row of the key for each batch.
        .where(unindexed(trx, "key_fingerprint"), "=", fingerprint)
        .returning(["customer_id as customerId", "provider"])
        .execute();
      for (const { customerId, provider } of deleted)
        await append({ customerId, kind: "disconnected", data: { provider, revoked: false } });
      return deleted.map(({ customerId }) => customerId);
    });
    if (batch.length === 0) return;
    yield batch;
  }
}
