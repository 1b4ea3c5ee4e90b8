import { openDatabase } from "@cita/database";
import { createKeyRing, openTokenStore, parseFernetKey } from "@cita/token-store";

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

/** What the services have stored, looked at and changed from outside while they run or not. */
export function openStored(file: string) {
  const url = `file:${file}`;
  const withTokens = async <T>(act: (db: ReturnType<typeof tokensOf>) => Promise<T>): Promise<T> => {
    const db = openDatabase(url);
    try {
      return await act(tokensOf(db));
    } finally {
      await db.destroy();
    }
  };

  return {
    url,

    /** Customers nobody asks about, as many as an operator may have. */
    async addConnections(key: string, count: number): Promise<void> {
      const keys = createKeyRing(key);
      const at = new Date().toISOString();
      const rows = Array.from({ length: count }, (_, i) => {
        const customer_id = `quiet-${i}`;
        const place = { customer_id, provider: "google" };
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
      await withTokens(async (db) => {
        for (let i = 0; i < count; i += 500) {
          await db
            .insertInto("oauth_tokens")
            .values(rows.slice(i, i + 500))
            .execute();
        }
      });
    },

    /** How many of those added before are as they were, opened with these keys. */
    async countWhole(key: string): Promise<number> {
      const db = openDatabase(url);
      try {
        const store = await openTokenStore({ db, keys: createKeyRing(key) });
        const rows = await tokensOf(db)
          .selectFrom("oauth_tokens")
          .select("customer_id")
          .where("customer_id", "like", "quiet-%")
          .execute();
        let whole = 0;
        for (const { customer_id: customerId } of rows) {
          const found = await store.connections.find({ customerId, provider: "google" });
          const i = customerId.slice("quiet-".length);
          if (found?.accessToken === `ya29.${i}` && found.refreshToken === `1//${i}`) whole++;
        }
        return whole;
      } finally {
        await db.destroy();
      }
    },

    connectionsByKey: (): Promise<ConnectionsByKey> =>
      withTokens(async (db) => {
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

  function change(
    customerId: string,
    changesOf: (row: OAuthTokens) => Partial<OAuthTokens>,
  ): Promise<unknown> {
    return withTokens(async (db) => {
      const row = await db
        .selectFrom("oauth_tokens")
        .selectAll()
        .where("customer_id", "=", customerId)
        .executeTakeFirstOrThrow();
      return db
        .updateTable("oauth_tokens")
        .set(changesOf(row))
        .where("customer_id", "=", customerId)
        .execute();
    });
  }
}

function tokensOf(db: ReturnType<typeof openDatabase>) {
  return db.withTables<{ oauth_tokens: OAuthTokens }>();
}
