import { randomUUID } from "node:crypto";
import { type Database, rowLock } from "@cita/database";
import { dayMs, minuteMs } from "@cita/scheduling";
import { type Insertable, type Kysely, sql } from "kysely";
import type { Caller, Role } from "../access/caller.ts";
import type { PeopleTables } from "./migrations.ts";
import { hashSecretToken, makeSecretToken } from "./secret-tokens.ts";

/** A user, and the hash of the password that has shown who they are; undefined: something else has. */
export type UserHolder = { readonly userId: string; readonly passwordHash?: string | undefined };

/** Whose session it is. */
export type SessionHolder = UserHolder | { readonly customerId: string };

export type SessionCaller = Exclude<Caller, { kind: "program" }>;

/**
 * The sessions of those who are signed in. Nothing of them is cached: a session that was ended, and a user who was
 * deactivated, are refused from the next request on.
 */
export type SessionStore = {
  /**
   * @returns the token for the cookie, which is stored nowhere; undefined where the user has another password by now, or was
   *   deactivated.
   */
  begin(holder: SessionHolder): Promise<{ sessionId: string; token: string } | undefined>;
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
      const row = {
        ...{ id: sessionId, token_hash: hashSecretToken(token) },
        ...{ created_at: at(), last_seen_at: at(), expires_at: at(now() + sessionMs) },
      };
      const isBegun =
        "userId" in holder
          ? await insertForUser(db, holder, row)
          : await insertForOwner(db, holder.customerId, row);
      return isBegun ? { sessionId, token } : undefined;
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

type NewSession = Omit<Insertable<PeopleTables["sessions"]>, "user_id" | "customer_id">;

async function insertForOwner(db: Db, customerId: string, row: NewSession): Promise<true> {
  await db
    .insertInto("sessions")
    .values({ ...row, user_id: null, customer_id: customerId })
    .execute();
  return true;
}

/**
 * Another password, and deactivating a user, end the sessions that there are. A sign-in that began before is refused by the
 * lock on the user's row: it comes before that and is ended, or after it and finds the change.
 */
async function insertForUser(
  db: Db,
  { userId, passwordHash }: UserHolder,
  row: NewSession,
): Promise<boolean> {
  const user = db
    .selectFrom("users")
    .select([
      "id as user_id",
      ...Object.entries(row).map(([column, value]) => sql.val(value).as(column as keyof NewSession)),
    ])
    .where("id", "=", userId)
    .where("is_active", "=", 1)
    .$if(passwordHash !== undefined, (all) => all.where("password_hash", "=", passwordHash ?? ""))
    .modifyEnd(rowLock(db, "for update"));
  const columns = ["user_id", ...Object.keys(row)] as ("user_id" | keyof NewSession)[];
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("sessions")
    .columns(columns)
    .expression(user)
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
