import { randomInt } from "node:crypto";
import { rowLock, unindexed } from "@cita/database";
import type { EventLog } from "@cita/events";
import type { Kysely, Updateable } from "kysely";
import { newCalendarState } from "./calendar-state-store.ts";
import {
  connectionColumns,
  openConnection,
  sealGrant,
  statusColumns,
  toStatus,
  toTimes,
} from "./connection-rows.ts";
import { recordOutcome } from "./consent-attempts.ts";
import { appendRevoked, toAttemptEnded, toReconnectRequired } from "./consent-events.ts";
import { issueForLost, markLinkUsed, revokeUnused } from "./consent-links.ts";
import { countByState } from "./count-connections.ts";
import type { CustomerKey } from "./customer-key.ts";
import { transactionOf } from "./customer-transaction.ts";
import type { KeyRing } from "./key-ring.ts";
import { acquireLease, noLease, releaseLease } from "./refresh-leases.ts";
import type { OAuthTokensTable, TokenStoreTables } from "./schema.ts";
import type {
  Connection,
  ConnectionStatus,
  ConnectionStore,
  ConsentAttempt,
  Grant,
  GrantedAccount,
  OnConnected,
} from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;
type Deps = {
  db: Db;
  keys: KeyRing;
  events: Pick<EventLog, "transaction">;
  reconnectLinkMs: number;
  now: () => Date;
};

/** `ConnectionStore` over the rows of `oauth_tokens`. */
export function createConnections(deps: Deps): ConnectionStore {
  const { db, keys, now } = deps;
  return {
    async find({ customerId, provider }) {
      const row = await db
        .selectFrom("oauth_tokens")
        .select(connectionColumns)
        .where("customer_id", "=", customerId)
        .where("provider", "=", provider)
        .executeTakeFirst();
      return row && openConnection(keys, row);
    },

    async statuses(customerIds) {
      if (customerIds.length === 0) return [];
      const rows = await db
        .selectFrom("oauth_tokens")
        .select(statusColumns)
        .where("customer_id", "in", customerIds)
        .orderBy("customer_id")
        .execute();
      return rows.map(toStatus);
    },

    async saveRefreshed(connection, refreshed) {
      const grant = { ...connection, ...withoutUndefined(refreshed) };
      return updateIfUnchanged(db, connection, {
        ...sealGrant(keys, connection, grant),
        ...toTimes(grant),
        account_id: connection.accountId ?? refreshed.accountId ?? null,
        reconnect_required_since: null,
        reconnect_reason: null,
        updated_at: now().toISOString(),
      });
    },

    acquireRefreshLease: (connection, owner, until) =>
      acquireLease(db, connection, { owner, until, at: now() }),

    releaseRefreshLease: (connection, owner) => releaseLease(db, connection, owner),

    async rememberTimeZone(customerId, timeZone) {
      await db
        .updateTable("oauth_tokens")
        .set({ time_zone: timeZone })
        .where("customer_id", "=", customerId)
        .where("time_zone", "is distinct from", timeZone)
        .execute();
    },

    takeDueForRenewal: (provider, limit) => takeDue(db, keys, { provider, limit, at: now() }),

    requireReconnect: (connection, reason) => requireReconnect(deps, connection, reason),

    countByState: (providers) => countByState(db, providers),

    isAccountShared: (status) => isAccountConnected(db, status, status.customerId),

    isAccountConnected: (account) => isAccountConnected(db, account),
  };
}

function requireReconnect(
  { keys, events, reconnectLinkMs, now }: Deps,
  connection: Connection,
  reason: string,
): Promise<ConnectionStatus | undefined> {
  const { customerId } = connection;
  return transactionOf(events, customerId, async ({ db, append }) => {
    const at = now();
    const lost = { reconnect_required_since: at.toISOString(), reconnect_reason: reason };
    if (!(await updateIfUnchanged(db, connection, { ...lost, updated_at: at.toISOString() })))
      return undefined;
    await append(toReconnectRequired(connection, reason));
    await issueForLost({ db, keys, append, now }, { customerId, lifetimeMs: reconnectLinkMs });
    return { ...connection, reconnectRequiredSince: at, reconnectReason: reason };
  });
}

/** See `TokenStore.completeConsent`. */
export function completeConsent(
  { onConnected, ...deps }: Deps & { onConnected: OnConnected | undefined },
  attempt: ConsentAttempt,
  grant: Grant,
): Promise<void> {
  const { id, link, provider } = attempt;
  const { customerId } = link;
  return transactionOf(deps.events, customerId, async ({ db, append, trx }) => {
    await markLinkUsed(db, attempt, deps.now());
    const { isSame, replaced } = await saveGrant({ ...deps, db }, { customerId, provider }, grant);
    for (const other of replaced)
      if (other !== provider)
        await append({ customerId, kind: "disconnected", data: { provider: other, revoked: false } });
    await recordOutcome(db, id, "connected", grant.calendarEmail);
    await append(toAttemptEnded(attempt, "connected"));
    await onConnected?.(trx, append, { customerId, provider, accountId: grant.accountId, isSame });
  });
}

/** See `TokenStore.disconnect`. */
export function disconnect({ events, now }: Deps, customerId: string, isRevoked: boolean): Promise<boolean> {
  return transactionOf(events, customerId, async ({ db, append }) => {
    await appendRevoked(append, await revokeUnused(db, customerId, now()), "disconnected");
    const deleted = await db
      .deleteFrom("oauth_tokens")
      .where("customer_id", "=", customerId)
      .returning("provider")
      .execute();
    for (const { provider } of deleted)
      await append({ customerId, kind: "disconnected", data: { provider, revoked: isRevoked } });
    return deleted.length > 0;
  });
}

/**
 * Saves a grant as the customer's only connection. `db` is a transaction of the customer's.
 * @returns whether the same account was connected before, and the providers of the connections whose place it takes.
 */
async function saveGrant(
  { db, keys, now }: Pick<Deps, "db" | "keys" | "now">,
  key: CustomerKey,
  grant: Grant,
): Promise<{ isSame: boolean; replaced: readonly string[] }> {
  const earlier = await db
    .selectFrom("oauth_tokens")
    .select(["connection_id", "provider", "account_id", "time_zone", "version", "created_at"])
    .where("customer_id", "=", key.customerId)
    // `forgetKey` deletes rows of many customers.
    .modifyEnd(rowLock(db, "for update"))
    .execute();
  const same = earlier.find(
    ({ provider, account_id }) =>
      provider === key.provider && account_id !== null && account_id === grant.accountId,
  );
  const at = now();
  const values = {
    ...sealGrant(keys, key, grant),
    ...toTimes(grant),
    client_id: grant.clientId,
    calendar_email: grant.calendarEmail,
    scope: grant.scope,
    reconnect_required_since: null,
    reconnect_reason: null,
    ...noLease,
    ...newCalendarState(at.toISOString()),
    created_at: laterThan(same?.created_at, at).toISOString(),
    updated_at: at.toISOString(),
  };
  const others = earlier.filter((row) => row !== same);
  const ids = others.map(({ connection_id }) => connection_id);
  if (ids.length > 0) await db.deleteFrom("oauth_tokens").where("connection_id", "in", ids).execute();
  const replaced = others.map((row) => row.provider);
  if (same !== undefined) {
    await db
      .updateTable("oauth_tokens")
      .set({ ...values, version: same.version + 1 })
      .where("connection_id", "=", same.connection_id)
      .execute();
    return { isSame: true, replaced };
  }
  const owner = { customer_id: key.customerId, provider: key.provider, account_id: grant.accountId };
  // Most businesses connect the calendar that they had before.
  const time_zone = earlier[0]?.time_zone ?? null;
  await db
    .insertInto("oauth_tokens")
    .values({ ...values, ...owner, time_zone, version: firstVersion() })
    .execute();
  return { isSame: false, replaced };
}

/** A connection's time of consent tells its consents apart, also where a clock is set back (`CalendarRecord`). */
function laterThan(before: string | undefined, at: Date): Date {
  // NaN where there is none, or where it was spoilt on the disk.
  const beforeMs = Date.parse(before ?? "");
  return beforeMs >= at.getTime() ? new Date(beforeMs + 1) : at;
}

/** Random, so that a refresh of an earlier, deleted connection of the customer doesn't match. */
function firstVersion(): number {
  return randomInt(2 ** 47);
}

/** A renewal that has failed is tried again on the next day. */
const renewAgainMs = 86_400_000;

async function takeDue(
  db: Db,
  keys: KeyRing,
  { provider, limit, at }: { provider: string; limit: number; at: Date },
): Promise<CustomerKey[]> {
  const due = db
    .selectFrom("oauth_tokens")
    .select("connection_id")
    .where("provider", "=", provider)
    .where("renew_at", "<=", at.toISOString())
    .where("reconnect_required_since", "is", null)
    // Rows that no key opens are left out, since their renewal can't succeed.
    // With the index by key SQLite would sort all rows of a key.
    .where(unindexed(db, "key_fingerprint"), "in", keys.fingerprints)
    .orderBy("renew_at")
    .limit(limit)
    .modifyEnd(rowLock(db, "for update skip locked"));
  const rows = await db
    .with("due", () => due)
    .updateTable("oauth_tokens")
    .set({ renew_at: new Date(at.getTime() + renewAgainMs).toISOString() })
    .where("connection_id", "in", (eb) => eb.selectFrom("due").select("connection_id"))
    .returning("customer_id")
    .execute();
  return rows.map((row) => ({ customerId: row.customer_id, provider }));
}

/**
 * A provider's siblings share a client, so only accounts without a known client are compared by provider.
 * @param besides a customer that doesn't count.
 */
async function isAccountConnected(
  db: Db,
  { provider, clientId, calendarEmail, accountId }: GrantedAccount,
  besides?: string,
): Promise<boolean> {
  const connected = await db
    .selectFrom("oauth_tokens")
    .select("customer_id")
    .$if(besides !== undefined, (all) => all.where("customer_id", "!=", besides ?? ""))
    .where((eb) => {
      const isOfProvider = eb("provider", "=", provider);
      if (clientId === null) return isOfProvider;
      return eb.or([eb("client_id", "=", clientId), eb.and([eb("client_id", "is", null), isOfProvider])]);
    })
    .where((eb) => {
      const hasAddress = eb("calendar_email", "=", calendarEmail);
      if (accountId === null) return hasAddress;
      return eb.or([eb("account_id", "=", accountId), eb.and([eb("account_id", "is", null), hasAddress])]);
    })
    .executeTakeFirst();
  return connected !== undefined;
}

/** Compare-and-swap by version. @returns false where somebody else has saved since. */
async function updateIfUnchanged(
  db: Db,
  connection: Connection,
  values: Updateable<OAuthTokensTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("oauth_tokens")
    .set({ ...values, ...noLease, version: connection.version + 1 })
    .where("connection_id", "=", connection.connectionId)
    .where("version", "=", connection.version)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** `T` without undefined members. */
type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
