import { randomInt } from "node:crypto";
import { type Kysely, type Selectable, sql, type Updateable } from "kysely";
import { newCalendarState, toCalendarState } from "./calendar-state-store.ts";
import { recordOutcome } from "./consent-attempts.ts";
import { markLinkUsed, revokeLive } from "./consent-links.ts";
import { countByState } from "./count-connections.ts";
import type { CustomerKey } from "./customer-key.ts";
import { type KeyRing, SealError, tokenPlace } from "./key-ring.ts";
import type { OAuthTokensTable, TokenStoreTables } from "./schema.ts";
import type { Connection, ConnectionStatus, ConnectionStore, ConsentAttempt, Grant } from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;
type Deps = { db: Db; keys: KeyRing; now: () => Date };

/** `ConnectionStore` over the rows of `oauth_tokens`. */
export function createConnections({ db, keys, now }: Deps): ConnectionStore {
  return {
    async find({ customerId, provider }) {
      const row = await db
        .selectFrom("oauth_tokens")
        .selectAll()
        .where("customer_id", "=", customerId)
        .where("provider", "=", provider)
        .executeTakeFirst();
      return row && openConnection(keys, row);
    },

    async statuses(customerIds, provider) {
      if (customerIds.length === 0) return [];
      const rows = await db
        .selectFrom("oauth_tokens")
        .selectAll()
        .where("provider", "=", provider)
        .where("customer_id", "in", customerIds)
        .execute();
      return rows.map(toStatus);
    },

    async saveRefreshed(connection, refreshed) {
      const grant = { ...connection, ...withoutUndefined(refreshed) };
      return updateIfUnchanged(db, connection, {
        ...sealGrant(keys, connection, grant),
        account_id: connection.accountId ?? refreshed.accountId ?? null,
        reconnect_required_since: null,
        reconnect_reason: null,
        updated_at: now().toISOString(),
      });
    },

    acquireRefreshLease: (connection, owner, until) =>
      acquireLease(db, connection, { owner, until, at: now() }),

    releaseRefreshLease: (connection, owner) => releaseLease(db, connection, owner),

    async rememberTimeZone({ customerId, provider }, timeZone) {
      await db
        .updateTable("oauth_tokens")
        .set({ time_zone: timeZone })
        .where("customer_id", "=", customerId)
        .where("provider", "=", provider)
        .where("time_zone", "is distinct from", timeZone)
        .execute();
    },

    idleSince: (date, limit) => findIdle(db, keys, date, limit),

    async requireReconnect(connection, reason) {
      const at = now();
      const recorded = await updateIfUnchanged(db, connection, {
        reconnect_required_since: at.toISOString(),
        reconnect_reason: reason,
        updated_at: at.toISOString(),
      });
      return recorded ? { ...connection, reconnectRequiredSince: at, reconnectReason: reason } : undefined;
    },

    countByState: (provider) => countByState(db, provider),

    isAccountShared: (status) => isAccountShared(db, status),
  };
}

/** See `TokenStore.completeConsent`. */
export function completeConsent(deps: Deps, { id, link }: ConsentAttempt, grant: Grant): Promise<void> {
  return deps.db.transaction().execute(async (trx) => {
    await markLinkUsed(trx, link, deps.now());
    await saveGrant({ ...deps, db: trx }, link, grant);
    await recordOutcome(trx, id, "connected", grant.calendarEmail);
  });
}

/** See `TokenStore.disconnect`. */
export function disconnect({ db, now }: Deps, { customerId, provider }: CustomerKey): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await revokeLive(trx, { customerId, provider }, now());
    const { numDeletedRows } = await trx
      .deleteFrom("oauth_tokens")
      .where("customer_id", "=", customerId)
      .where("provider", "=", provider)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  });
}

/** Inserts a grant, or replaces the customer's earlier one. `db` is a transaction. */
async function saveGrant({ db, keys, now }: Deps, key: CustomerKey, grant: Grant): Promise<void> {
  const at = now().toISOString();
  const values = {
    ...sealGrant(keys, key, grant),
    calendar_email: grant.calendarEmail,
    account_id: grant.accountId,
    scope: grant.scope,
    reconnect_required_since: null,
    reconnect_reason: null,
    ...noLease,
    ...newCalendarState(at),
    created_at: at,
    updated_at: at,
  };
  await db
    .insertInto("oauth_tokens")
    .values({ ...values, customer_id: key.customerId, provider: key.provider, version: firstVersion() })
    .onConflict((conflict) =>
      conflict
        .columns(["customer_id", "provider"])
        .doUpdateSet((eb) => ({ ...values, version: eb("oauth_tokens.version", "+", 1) })),
    )
    .execute();
}

/** Random, so that a refresh of an earlier, deleted connection of the customer doesn't match. */
function firstVersion(): number {
  return randomInt(2 ** 47);
}

const noLease = { lease_owner: null, lease_until: null };

/** A lease that would last longer was taken by a clock that was ahead, and doesn't count. */
const maxLeaseMs = 60_000;

async function acquireLease(
  db: Db,
  { customerId, provider, version }: Connection,
  { owner, until, at }: { owner: string; until: Date; at: Date },
): Promise<boolean> {
  const tooLate = new Date(at.getTime() + maxLeaseMs);
  const { numUpdatedRows } = await db
    .updateTable("oauth_tokens")
    .set({ lease_owner: owner, lease_until: until.toISOString() })
    .where("customer_id", "=", customerId)
    .where("provider", "=", provider)
    .where("version", "=", version)
    .where((eb) =>
      eb.or([
        eb("lease_owner", "is", null),
        eb("lease_until", "<=", at.toISOString()),
        eb("lease_until", ">", tooLate.toISOString()),
      ]),
    )
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

async function releaseLease(db: Db, { customerId, provider }: CustomerKey, owner: string): Promise<void> {
  await db
    .updateTable("oauth_tokens")
    .set(noLease)
    .where("customer_id", "=", customerId)
    .where("provider", "=", provider)
    .where("lease_owner", "=", owner)
    .execute();
}

async function findIdle(db: Db, keys: KeyRing, since: Date, limit: number): Promise<CustomerKey[]> {
  const rows = await db
    .selectFrom("oauth_tokens")
    .select(["customer_id", "provider"])
    .where("updated_at", "<", since.toISOString())
    .where("reconnect_required_since", "is", null)
    // Rows that no key opens are left out, since they would come first every time.
    // The plus keeps SQLite from using the index by key, with which it would sort all rows of a key.
    .where(sql<string>`+key_fingerprint`, "in", keys.fingerprints)
    .orderBy("updated_at")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ customerId: row.customer_id, provider: row.provider }));
}

async function isAccountShared(db: Db, status: ConnectionStatus): Promise<boolean> {
  const { customerId, provider, calendarEmail, accountId } = status;
  const other = await db
    .selectFrom("oauth_tokens")
    .select("customer_id")
    .where("provider", "=", provider)
    .where("customer_id", "!=", customerId)
    .where((eb) => {
      const hasAddress = eb("calendar_email", "=", calendarEmail);
      if (accountId === null) return hasAddress;
      return eb.or([eb("account_id", "=", accountId), eb.and([eb("account_id", "is", null), hasAddress])]);
    })
    .executeTakeFirst();
  return other !== undefined;
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
    .where("customer_id", "=", connection.customerId)
    .where("provider", "=", connection.provider)
    .where("version", "=", connection.version)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

type Secrets = Pick<Grant, "accessToken" | "refreshToken" | "tokenExpiry">;

function sealGrant(keys: KeyRing, key: CustomerKey, secrets: Secrets) {
  return {
    access_token: keys.seal(tokenPlace(key, "access_token"), secrets.accessToken),
    refresh_token: keys.seal(tokenPlace(key, "refresh_token"), secrets.refreshToken),
    token_expiry: secrets.tokenExpiry.toISOString(),
    key_fingerprint: keys.primaryFingerprint,
  };
}

function openConnection(keys: KeyRing, row: Selectable<OAuthTokensTable>): Connection {
  const status = toStatus(row);
  return {
    ...status,
    accessToken: openToken(keys, row, "access_token"),
    refreshToken: openToken(keys, row, "refresh_token"),
    scope: row.scope,
    version: row.version,
  };
}

/** @throws SealError `misplaced`, or by the stored fingerprint `key_missing` or `damaged`. */
function openToken(
  keys: KeyRing,
  row: Selectable<OAuthTokensTable>,
  field: "access_token" | "refresh_token",
): string {
  const place = tokenPlace({ customerId: row.customer_id, provider: row.provider }, field);
  try {
    return keys.open(place, row[field]);
  } catch (cause) {
    if (!(cause instanceof SealError) || cause.code !== "undecryptable") throw cause;
    const fingerprint = row.key_fingerprint;
    const code = keys.fingerprints.includes(fingerprint) ? "damaged" : "key_missing";
    throw new SealError(code, place, { cause, fingerprint });
  }
}

function toStatus(row: Selectable<OAuthTokensTable>): ConnectionStatus {
  return {
    customerId: row.customer_id,
    provider: row.provider,
    calendarEmail: row.calendar_email,
    accountId: row.account_id,
    connectedAt: new Date(row.created_at),
    tokenExpiry: new Date(row.token_expiry),
    reconnectRequiredSince:
      row.reconnect_required_since === null ? null : new Date(row.reconnect_required_since),
    reconnectReason: row.reconnect_reason,
    timeZone: row.time_zone,
    calendarState: toCalendarState(row),
  };
}

/** `T` without undefined members. */
type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
