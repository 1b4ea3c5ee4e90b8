import { type Database, exclusively } from "@cita/database";
import { dayMs } from "@cita/scheduling";
import type { Kysely } from "kysely";
import type { PeopleTables } from "../migrations.ts";
import type { Sealing } from "../sealing.ts";
import { hashSecretToken, makeSecretToken } from "../secret-tokens.ts";

/**
 * Refresh tokens (RFC 6749, section 6) that rotate: each is used once, and the next comes with the answer. One that is used
 * again later was stolen, by whoever uses it first or second, so its session ends (RFC 9700, section 4.14.2).
 */
export type RefreshTokens = {
  /** The first of a session. */
  issue(sessionId: string): Promise<string>;
  use(token: string): Promise<RefreshResult>;
  /** Deletes what has expired. @returns how many. */
  purge(): Promise<number>;
};

export type RefreshResult =
  | { readonly kind: "refreshed"; readonly sessionId: string; readonly refreshToken: string }
  /** The session has been ended. */
  | { readonly kind: "reused"; readonly userId: string }
  | { readonly kind: "invalid" };

const lifetimeMs = 7 * dayMs;
/** A client that got no answer, or whose two tabs refresh at once, is given the same next token within this time. */
const graceMs = 10_000;

type Deps = { readonly db: Database; readonly sealing: Pick<Sealing, "hash">; readonly now: () => number };
type Db = Kysely<PeopleTables>;

/** The tables of `peopleMigrations` must exist. */
export function createRefreshTokens({ db: database, sealing, now }: Deps): RefreshTokens {
  const db: Db = database.withTables<PeopleTables>();
  /** Computed, so that it needn't be stored for whoever asks again. */
  const nextOf = (token: string) =>
    Buffer.from(sealing.hash(`refresh token after ${token}`), "hex").toString("base64url");

  async function insert(trx: Db, token: string, sessionId: string): Promise<void> {
    const row = {
      token_hash: hashSecretToken(token),
      session_id: sessionId,
      expires_at_ms: now() + lifetimeMs,
    };
    await trx
      .insertInto("refresh_tokens")
      .values({ ...row, used_at_ms: null })
      .execute();
  }

  async function rotate(trx: Db, token: string, sessionId: string): Promise<RefreshResult> {
    const row = await trx
      .selectFrom("refresh_tokens")
      .selectAll()
      .where("token_hash", "=", hashSecretToken(token))
      .executeTakeFirst();
    if (row === undefined || row.expires_at_ms <= now()) return { kind: "invalid" };
    const next = nextOf(token);
    if (row.used_at_ms === null) {
      await trx
        .updateTable("refresh_tokens")
        .set({ used_at_ms: now() })
        .where("token_hash", "=", row.token_hash)
        .execute();
      await insert(trx, next, sessionId);
    } else if (row.used_at_ms <= now() - graceMs) {
      // Its refresh tokens go with it.
      const ended = await trx
        .deleteFrom("sessions")
        .where("id", "=", sessionId)
        .returning("user_id")
        .executeTakeFirst();
      return { kind: "reused", userId: ended?.user_id ?? "" };
    }
    return { kind: "refreshed", sessionId, refreshToken: next };
  }

  return {
    async issue(sessionId) {
      const token = makeSecretToken();
      await insert(db, token, sessionId);
      return token;
    },

    async use(token) {
      const row = await db
        .selectFrom("refresh_tokens")
        .select("session_id")
        .where("token_hash", "=", hashSecretToken(token))
        .executeTakeFirst();
      if (row === undefined) return { kind: "invalid" };
      const { session_id } = row;
      return exclusively(db, `refresh tokens of ${session_id}`, (trx) => rotate(trx, token, session_id));
    },

    async purge() {
      const { numDeletedRows } = await db
        .deleteFrom("refresh_tokens")
        .where("expires_at_ms", "<=", now())
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
