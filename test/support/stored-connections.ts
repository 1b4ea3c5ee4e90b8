import { type Database, openDatabase } from "@cita/database";
import { createKeyRing, type KeyRing, openTokenStore, parseFernetKey } from "@cita/token-store";
import { openEvents } from "./open-events.ts";

/** How many stored connections are sealed with each key, by its fingerprint. */
export type ConnectionsByKey = Record<string, number>;

type OAuthTokens = {
  customer_id: string;
  provider: string;
  access_token: string;
  refresh_token: string;
  token_expiry: string;
  scope: string;
  key_fingerprint: string;
  version: number;
  created_at: string;
  updated_at: string;
};

export const fingerprintOf = (key: string) => parseFernetKey(key).fingerprint;

/** What the services have stored, read and changed from outside while they run or not. */
export function openStored(url: string) {
  const change = (customerId: string, toChanges: (row: OAuthTokens) => Partial<OAuthTokens>) =>
    changeTokens(url, customerId, toChanges);

  return {
    url,

    /** Customers nobody asks about, as many as an operator may have. */
    addConnections: (key: string, count: number): Promise<void> =>
      withTokens(url, async (db) => {
        const rows = quietConnections(createKeyRing(key), count);
        for (let i = 0; i < count; i += 500) {
          await db
            .insertInto("oauth_tokens")
            .values(rows.slice(i, i + 500))
            .execute();
        }
      }),

    /** How many of those added before are as they were, opened with these keys. */
    countWhole: (key: string): Promise<number> => countWhole(url, key),

    connectionsByKey: (): Promise<ConnectionsByKey> =>
      withTokens(url, async (db) => {
        const rows = await db.selectFrom("oauth_tokens").select("key_fingerprint").execute();
        const byKey: ConnectionsByKey = {};
        for (const { key_fingerprint } of rows) byKey[key_fingerprint] = (byKey[key_fingerprint] ?? 0) + 1;
        return byKey;
      }),

    /** Seals a customer's tokens with another key, as if it had connected under that one. */
    async moveToKey(customerId: string, from: string, to: string): Promise<void> {
      const keys = createKeyRing(`${to},${from}`);
      const place = { customer_id: customerId, provider: "google" };
      await change(customerId, (row) => ({
        access_token: keys.reseal({ ...place, field: "access_token" }, row.access_token),
        refresh_token: keys.reseal({ ...place, field: "refresh_token" }, row.refresh_token),
        key_fingerprint: keys.primaryFingerprint,
      }));
    },

    /** A customer's access token has run out: nobody may use it without asking Google first. */
    expireAccess: (customerId: string) =>
      change(customerId, () => ({ token_expiry: new Date(Date.now() - 1_000).toISOString() })),

    /** A disk forgets one bit of a customer's refresh token. */
    flipBit: (customerId: string) =>
      change(customerId, ({ refresh_token }) => {
        const bytes = Buffer.from(refresh_token, "base64url");
        bytes[50] = (bytes[50] ?? 0) ^ 4;
        return { refresh_token: bytes.toString("base64url") };
      }),
  };
}

async function withDatabase<T>(url: string, act: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase(url);
  try {
    return await act(db);
  } finally {
    await db.destroy();
  }
}

const withTokens = <T>(url: string, act: (db: ReturnType<typeof tokensOf>) => Promise<T>): Promise<T> =>
  withDatabase(url, (db) => act(tokensOf(db)));

function tokensOf(db: Database) {
  return db.withTables<{ oauth_tokens: OAuthTokens }>();
}

const quietPrefix = "quiet-";

function quietConnections(keys: KeyRing, count: number): OAuthTokens[] {
  const at = new Date().toISOString();
  return Array.from({ length: count }, (_, i) => {
    const place = { customer_id: `${quietPrefix}${i}`, provider: "google" };
    return {
      ...place,
      access_token: keys.seal({ ...place, field: "access_token" }, `ya29.${i}`),
      refresh_token: keys.seal({ ...place, field: "refresh_token" }, `1//${i}`),
      token_expiry: at,
      scope: "",
      key_fingerprint: keys.primaryFingerprint,
      version: 1,
      created_at: at,
      updated_at: at,
    };
  });
}

function countWhole(url: string, key: string): Promise<number> {
  return withDatabase(url, async (db) => {
    const store = await openTokenStore({
      ...{ db, keys: createKeyRing(key) },
      ...{ events: await openEvents(db), reconnectLinkMs: 0 },
    });
    const rows = await tokensOf(db)
      .selectFrom("oauth_tokens")
      .select("customer_id")
      .where("customer_id", "like", `${quietPrefix}%`)
      .execute();
    let whole = 0;
    for (const { customer_id: customerId } of rows) {
      const found = await store.connections.find({ customerId, provider: "google" });
      const i = customerId.slice(quietPrefix.length);
      if (found?.accessToken === `ya29.${i}` && found.refreshToken === `1//${i}`) whole++;
    }
    return whole;
  });
}

function changeTokens(
  url: string,
  customerId: string,
  toChanges: (row: OAuthTokens) => Partial<OAuthTokens>,
): Promise<unknown> {
  return withTokens(url, async (db) => {
    const row = await db
      .selectFrom("oauth_tokens")
      .selectAll()
      .where("customer_id", "=", customerId)
      .executeTakeFirstOrThrow();
    return db.updateTable("oauth_tokens").set(toChanges(row)).where("customer_id", "=", customerId).execute();
  });
}
