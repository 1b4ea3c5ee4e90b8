import { type Kysely, sql } from "kysely";
import type { CustomerKey } from "./customer-key.ts";
import { type KeyRing, SealError, tokenPlace } from "./key-ring.ts";
import type { SealedRows } from "./open-token-store.ts";
import type { TokenStoreTables } from "./schema.ts";

/** How much is sealed with one key, whether it is configured or not. */
export type CountedUse = Omit<KeyUse, "configured">;

/** How much is sealed with one key. */
export type KeyUse = {
  /** Null: links from before fingerprints were recorded, which no configured key opens. */
  readonly fingerprint: string | null;
  readonly configured: boolean;
  readonly connections: number;
  /** Consent links that can still be opened. */
  readonly liveLinks: number;
  /** Used, revoked and expired links, which are never shown again and so need no key. */
  readonly deadLinks: number;
  /** Webhooks whose secrets it has sealed. Default: 0. */
  readonly webhooks?: number;
};

export type KeyReport = {
  /** The configured keys in their order, then those that are missing. */
  readonly keys: readonly KeyUse[];
  /** Keys that aren't configured, and that seal something that is needed. */
  readonly missing: readonly KeyUse[];
  /** How much of what is needed the configured keys open. Where nothing is stored: `everything`. */
  readonly opens: "everything" | "part" | "nothing";
};

/**
 * Counts what is sealed with each key, by the stored fingerprints. It opens and changes nothing. It reads every row of an
 * index, so readiness probes use `opensStored` instead. The tables must be up to date.
 */
export async function checkKeys({
  db: database,
  keys: ring,
  now = () => new Date(),
}: SealedRows): Promise<KeyReport> {
  return reportKeys(ring, await countUses(database.withTables<TokenStoreTables>(), now()));
}

/** What is counted, judged by the configured keys. */
export function reportKeys(ring: KeyRing, counted: readonly CountedUse[]): KeyReport {
  const uses = new Map(counted.map((use) => [use.fingerprint, { ...use, configured: false }]));
  const configured = ring.fingerprints.map((fingerprint) => ({
    ...(uses.get(fingerprint) ?? unused(fingerprint)),
    configured: true,
  }));
  const others = [...uses.values()].filter(
    ({ fingerprint }) => fingerprint === null || !ring.fingerprints.includes(fingerprint),
  );
  const missing = others.filter(isNeeded);
  const opens = missing.length === 0 ? "everything" : configured.some(isNeeded) ? "part" : "nothing";
  return { keys: [...configured, ...others], missing, opens };
}

/**
 * Whether the configured keys open anything that is needed, or nothing is needed: `opens` of `checkKeys` would be
 * `everything` or `part`. It reads one or two rows of an index.
 */
export async function opensStored({
  db: database,
  keys,
  now = () => new Date(),
}: SealedRows): Promise<boolean> {
  const ours = sql`(${sql.join(keys.fingerprints)})`;
  const live = isLive(now());
  const { rows } = await sql<{ opens: number; needed: number }>`
    select
      exists (select 1 from oauth_tokens where key_fingerprint in ${ours})
      or exists (select 1 from consent_links where key_fingerprint in ${ours} and ${live}) as opens,
      exists (select 1 from oauth_tokens) or exists (select 1 from consent_links where ${live}) as needed
  `.execute(database);
  return rows.every(({ opens, needed }) => opens === 1 || needed === 0);
}

const rowsAtOnce = 500;

/** Finds connections that can't be opened although their key is configured. It opens every row. */
export async function findDamagedConnections({
  db: database,
  keys,
}: Pick<SealedRows, "db" | "keys">): Promise<CustomerKey[]> {
  const db = database.withTables<TokenStoreTables>();
  const damaged: CustomerKey[] = [];
  for (let after = { customer_id: "", connection_id: "" }; ; ) {
    const rows = await db
      .selectFrom("oauth_tokens")
      .select(["connection_id", "customer_id", "provider", "access_token", "refresh_token"])
      .where("key_fingerprint", "in", keys.fingerprints)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple("customer_id", "connection_id"), ">", tuple(after.customer_id, after.connection_id)),
      )
      .orderBy("customer_id")
      .orderBy("connection_id")
      .limit(rowsAtOnce)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return damaged;
    after = last;
    for (const row of rows) {
      const key = { customerId: row.customer_id, provider: row.provider };
      try {
        keys.open(tokenPlace(key, "access_token"), row.access_token);
        if (row.refresh_token !== null) keys.open(tokenPlace(key, "refresh_token"), row.refresh_token);
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        damaged.push(key);
      }
    }
  }
}

/** Whether anything that is still needed is sealed with the key. */
export function isNeeded({ connections, liveLinks, webhooks = 0 }: KeyUse): boolean {
  return connections > 0 || liveLinks > 0 || webhooks > 0;
}

/** `3f9a… seals 12 connections and 1 link`. @param noun what a connection is called. */
export function formatKeyUse(
  { fingerprint, connections, liveLinks, webhooks = 0 }: KeyUse,
  noun: "connection" | "integration" = "connection",
): string {
  const name = fingerprint ?? "a key that was never recorded";
  const links = liveLinks === 0 ? "" : ` and ${count(liveLinks, "link")}`;
  const secrets = webhooks === 0 ? "" : ` and the secrets of ${count(webhooks, "webhook")}`;
  return `${name} seals ${count(connections, noun)}${links}${secrets}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A condition on a row of `consent_links`: the link is live. */
function isLive(now: Date) {
  return sql`used_at is null and revoked_at is null and expires_at > ${now.toISOString()}`;
}

async function countUses(db: Kysely<TokenStoreTables>, now: Date): Promise<CountedUse[]> {
  const connections = await db
    .selectFrom("oauth_tokens")
    .select(["key_fingerprint", sql<number>`count(*)`.as("count")])
    .groupBy("key_fingerprint")
    .execute();
  const links = await db
    .selectFrom("consent_links")
    .select([
      "key_fingerprint",
      sql<number>`count(*)`.as("count"),
      sql<number>`sum(case when ${isLive(now)} then 1 else 0 end)`.as("live"),
    ])
    .groupBy("key_fingerprint")
    .execute();

  const uses = new Map<CountedUse["fingerprint"], CountedUse>();
  for (const { key_fingerprint, count } of connections) {
    uses.set(key_fingerprint, { ...unused(key_fingerprint), connections: Number(count) });
  }
  for (const { key_fingerprint, count, live } of links) {
    const use = uses.get(key_fingerprint) ?? unused(key_fingerprint);
    const liveLinks = Number(live);
    uses.set(key_fingerprint, { ...use, liveLinks, deadLinks: Number(count) - liveLinks });
  }
  return [...uses.values()];
}

function unused(fingerprint: KeyUse["fingerprint"]): KeyUse {
  return { fingerprint, configured: false, connections: 0, liveLinks: 0, deadLinks: 0 };
}
