import { randomUUID } from "node:crypto";
import type { Database } from "@cita/database";
import { dayMs, minuteMs } from "@cita/scheduling";
import type { Kysely } from "kysely";
import type { Caller, Role } from "../access/caller.ts";
import type { PeopleTables } from "./migrations.ts";
import { hashSecretToken, makeSecretToken } from "./secret-tokens.ts";

/** Whose session it is. */
export type SessionHolder = { readonly userId: string } | { readonly customerId: string };

export type SessionCaller = Exclude<Caller, { kind: "program" }>;

/**
 * The sessions of those who are signed in. Nothing of them is cached: a session that was ended, and a user who was
 * deactivated, are refused from the next request on.
 */
export type SessionStore = {
  /** @returns the token for the cookie, which is stored nowhere. */
  begin(holder: SessionHolder): Promise<{ sessionId: string; token: string }>;
  /** The caller whose session it is; undefined where it has ended, or the user is deactivated. */
  findByToken(token: string): Promise<SessionCaller | undefined>;
  /** The same by the id that a JWT carries. */
  findById(sessionId: string): Promise<SessionCaller | undefined>;
  /** Whether the person signed in within the last 15 minutes. */
  hasJustBegun(sessionId: string): Promise<boolean>;
  end(sessionId: string): Promise<void>;
  /** Ends the sessions of a business's owner. */
  endOfOwner(customerId: string): Promise<void>;
  /** Ends all sessions of a user, but for one. */
  endOfUser(userId: string, except?: string): Promise<void>;
  /** Deletes sessions that have ended by themselves. @returns how many. */
  purge(): Promise<number>;
};

/** A session that isn't used for this time ends. */
export const idleMs = 14 * dayMs;
/** Any session ends after this time. */
export const sessionMs = 90 * dayMs;
/** So that not every request writes. */
const seenPrecisionMs = 5 * minuteMs;

const justBegunMs = 15 * minuteMs;

type Db = Kysely<PeopleTables>;

/** The tables of `peopleMigrations` must exist. */
export function createSessionStore(database: Database, now: () => number): SessionStore {
  const db: Db = database.withTables<PeopleTables>();
  const at = (ms = now()) => new Date(ms).toISOString();

  async function find(column: "id" | "token_hash", value: string): Promise<SessionCaller | undefined> {
    const row = await db
      .selectFrom("sessions")
      .leftJoin("users", "users.id", "sessions.user_id")
      .select(["sessions.id", "user_id", "customer_id", "last_seen_at", "role"])
      .where(`sessions.${column}`, "=", value)
      .where("sessions.expires_at", ">", at())
      .where("last_seen_at", ">", at(now() - idleMs))
      .where((eb) => eb.or([eb("sessions.user_id", "is", null), eb("users.is_active", "=", 1)]))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { id: sessionId, user_id: userId, customer_id: customerId } = row;
    if (Date.parse(row.last_seen_at) < now() - seenPrecisionMs)
      await db.updateTable("sessions").set({ last_seen_at: at() }).where("id", "=", sessionId).execute();
    if (customerId !== null) return { kind: "owner", customerId, sessionId };
    return userId === null ? undefined : { kind: "user", userId, sessionId, role: row.role as Role };
  }

  return {
    async begin(holder) {
      const [sessionId, token] = [randomUUID(), makeSecretToken()];
      await db
        .insertInto("sessions")
        .values({
          ...{ id: sessionId, token_hash: hashSecretToken(token) },
          user_id: "userId" in holder ? holder.userId : null,
          customer_id: "customerId" in holder ? holder.customerId : null,
          ...{ created_at: at(), last_seen_at: at(), expires_at: at(now() + sessionMs) },
        })
        .execute();
      return { sessionId, token };
    },

    findByToken: (token) => find("token_hash", hashSecretToken(token)),
    findById: (sessionId) => find("id", sessionId),

    async hasJustBegun(sessionId) {
      const row = await db
        .selectFrom("sessions")
        .select("id")
        .where("id", "=", sessionId)
        .where("created_at", ">", at(now() - justBegunMs))
        .executeTakeFirst();
      return row !== undefined;
    },

    async end(sessionId) {
      await db.deleteFrom("sessions").where("id", "=", sessionId).execute();
    },

    async endOfOwner(customerId) {
      await db.deleteFrom("sessions").where("customer_id", "=", customerId).execute();
    },

    async endOfUser(userId, except = "") {
      await db.deleteFrom("sessions").where("user_id", "=", userId).where("id", "!=", except).execute();
    },

    async purge() {
      const { numDeletedRows } = await db
        .deleteFrom("sessions")
        .where((eb) => eb.or([eb("expires_at", "<=", at()), eb("last_seen_at", "<=", at(now() - idleMs))]))
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
