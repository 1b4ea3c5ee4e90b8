import { type Database, engineName } from "@cita/database";
import { openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";
import { sql } from "kysely";
import type { Test } from "tap";
import {
  type AttemptTarget,
  type ConsentAttempt,
  type ConsentLink,
  type CustomerKey,
  type Grant,
  type IssuedLink,
  openTokenStore,
  type SealedRows,
  type TokenStore,
} from "../src/index.ts";

/** Tests of the contract by their names; each is given an empty store. */
export type ContractTests = Readonly<Record<string, (t: Test, opened: OpenedStore) => Promise<void>>>;

export type OpenedStore = {
  readonly store: TokenStore;
  readonly db: Database;
  /** The store's own. */
  readonly clock: { now: Date };
  /** Another process over the same database, with the same keys. */
  openOther(): Promise<TokenStore>;
};

export const hourMs = 3_600_000;

export const reconnectLinkMs = 7 * 24 * hourMs;

export const openEvents = (db: Database) => openEventLog({ db, logger: createLogger("silent") });

/** Opens a store, and the event log that it writes into, over the rows. */
export async function openStore(rows: SealedRows): Promise<TokenStore> {
  return openTokenStore({ ...rows, events: await openEvents(rows.db), reconnectLinkMs });
}

export const google = (customerId: string): CustomerKey => ({ customerId, provider: "google" });
export const alice = google("alice");
export const bob = google("bob");

/** For a link of alice. */
export const request = {
  customerId: "alice",
  customerEmail: "alice@example.com",
  lifetimeMs: 7 * 24 * hourMs,
};

/** Where a browser is sent by a link. */
export const target: AttemptTarget = {
  provider: "google",
  clientId: "our-client",
  redirectUri: "https://cita.example/oauth/callback",
};

export const grantOf = (name: string): Grant => ({
  accessToken: `ya29.${name}`,
  refreshToken: `1//${name}`,
  tokenExpiry: new Date("2026-11-22T13:00:00Z"),
  renewAt: new Date("2027-01-21T12:00:00Z"),
  accessEndsAt: null,
  clientId: "our-client",
  calendarEmail: `${name}@example.com`,
  accountId: `account-of-${name}`,
  scope: "openid email",
});

export function passTime(clock: OpenedStore["clock"], ms: number): void {
  clock.now = new Date(clock.now.getTime() + ms);
}

/** An attempt of a link as it is when the browser has come back. */
export async function returnedAttempt(
  store: TokenStore,
  link: ConsentLink,
  to: AttemptTarget = target,
): Promise<ConsentAttempt> {
  const state = crypto.randomUUID();
  await store.consentLinks.startAttempt(link, state, to);
  const attempt = await store.consentLinks.consumeState(state, hourMs);
  if (attempt === undefined) throw new Error("a new state isn't known");
  return attempt;
}

/** What a whole consent at Google leaves in the store. @param told what differs from `grantOf` the customer */
export async function connect(
  store: TokenStore,
  customerId: string,
  told: Partial<Grant> = {},
): Promise<IssuedLink> {
  const link = await store.consentLinks.issue({ ...request, customerId });
  const attempt = await returnedAttempt(store, link);
  await store.completeConsent(attempt, { ...grantOf(customerId), ...told });
  return link;
}

/** @throws where the customer isn't connected */
export async function findConnection(store: TokenStore, customerId: string) {
  const connection = await store.connections.find(google(customerId));
  if (connection === undefined) throw new Error("not connected");
  return connection;
}

/**
 * From now on the database refuses a change, as a full disk would.
 * @param change `delete on oauth_tokens`
 * @returns lets it happen again
 */
export async function refuse(db: Database, change: string, message: string): Promise<() => Promise<void>> {
  const [table] = change.split(" ").slice(-1);
  if (engineName(db) === "sqlite") {
    await sql
      .raw(`create trigger refusal before ${change} begin select raise(abort, '${message}'); end`)
      .execute(db);
    return async () => void (await sql`drop trigger refusal`.execute(db));
  }
  await sql
    .raw(`create or replace function refuse() returns trigger language plpgsql as
      $$ begin raise exception '${message}'; end $$`)
    .execute(db);
  await sql.raw(`create trigger refusal before ${change} for each row execute function refuse()`).execute(db);
  return async () => void (await sql.raw(`drop trigger refusal on ${table}`).execute(db));
}
