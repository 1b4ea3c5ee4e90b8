import { randomUUID } from "node:crypto";
import { type Database, exclusively } from "@cita/database";
import type { Kysely } from "kysely";
import type { PeopleTables } from "./migrations.ts";
import { hashSecretToken, makeSecretToken } from "./secret-tokens.ts";

/**
 * - `invitation`: somebody who was added sets a name and a password.
 * - `reset`: a user sets another password.
 * - `sign_in`: a user signs in without a password.
 * - `owner`: a business's owner signs in.
 */
export type UserLinkKind = "invitation" | "reset" | "sign_in";
export type LinkKind = UserLinkKind | "owner";

export type MadeLink = { readonly token: string; readonly expiresAt: string };

/** Links that count once. A new link of a kind replaces the one before. */
export type OneTimeLinks = {
  make(kind: UserLinkKind, userId: string): Promise<MadeLink>;
  /**
   * Makes a link beside those there are.
   * @returns undefined where one of the kind was made for the user within the time. Of several at once one is made.
   */
  makeUnlessWithin(kind: UserLinkKind, userId: string, ms: number): Promise<MadeLink | undefined>;
  makeForOwner(customerId: string): Promise<MadeLink>;
  /** Whose link it is, without using it: for a page that asks. */
  find(kind: UserLinkKind, token: string): Promise<{ userId: string } | undefined>;
  findOwner(token: string): Promise<{ customerId: string } | undefined>;
  /** Uses a link. Of several who use it at once one has it. @returns undefined where it is used, expired or nobody's. */
  use(kind: UserLinkKind, token: string): Promise<{ userId: string } | undefined>;
  useOwner(token: string): Promise<{ customerId: string } | undefined>;
  /** Ends all links of a user. */
  revokeOf(userId: string): Promise<void>;
  /** Deletes what has expired, used or not. */
  purge(): Promise<number>;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;
const lifetimesMs: Readonly<Record<LinkKind, number>> = {
  invitation: 7 * dayMs,
  reset: 60 * minuteMs,
  sign_in: 15 * minuteMs,
  owner: 7 * dayMs,
};

type Row = { user_id: string | null; customer_id: string | null };

/** The tables of `peopleMigrations` must exist. */
export function createOneTimeLinks(database: Database, now: () => number): OneTimeLinks {
  const db: Kysely<PeopleTables> = database.withTables<PeopleTables>();
  const at = (ms = now()) => new Date(ms).toISOString();

  async function insert(kind: LinkKind, owner: Row, unlessWithinMs = 0): Promise<MadeLink | undefined> {
    const [token, expiresAt] = [makeSecretToken(), at(now() + lifetimesMs[kind])];
    const row = { id: randomUUID(), kind, token_hash: hashSecretToken(token), ...owner };
    const [column, id] =
      owner.user_id === null
        ? (["customer_id", owner.customer_id] as const)
        : (["user_id", owner.user_id] as const);
    return exclusively(db, `one-time links of ${id}`, async (trx) => {
      const recent = await trx
        .selectFrom("one_time_links")
        .select("id")
        .where(column, "=", id)
        .where("kind", "=", kind)
        .where("created_at", ">", at(now() - unlessWithinMs))
        .executeTakeFirst();
      if (unlessWithinMs > 0 && recent !== undefined) return undefined;
      // Whoever asks in somebody's name doesn't take the link away that they have in their mailbox.
      if (unlessWithinMs === 0)
        await trx.deleteFrom("one_time_links").where(column, "=", id).where("kind", "=", kind).execute();
      await trx
        .insertInto("one_time_links")
        .values({ ...row, created_at: at(), expires_at: expiresAt, used_at: null })
        .execute();
      return { token, expiresAt };
    });
  }

  async function insertAlways(kind: LinkKind, owner: Row): Promise<MadeLink> {
    const made = await insert(kind, owner);
    if (made === undefined) throw new TypeError("A link wasn't made, though nothing was in its way.");
    return made;
  }

  function find(kind: LinkKind, token: string): Promise<Row | undefined> {
    return db
      .selectFrom("one_time_links")
      .select(["user_id", "customer_id"])
      .where("token_hash", "=", hashSecretToken(token))
      .where("kind", "=", kind)
      .where("used_at", "is", null)
      .where("expires_at", ">", at())
      .executeTakeFirst();
  }

  function use(kind: LinkKind, token: string): Promise<Row | undefined> {
    return db
      .updateTable("one_time_links")
      .set({ used_at: at() })
      .where("token_hash", "=", hashSecretToken(token))
      .where("kind", "=", kind)
      .where("used_at", "is", null)
      .where("expires_at", ">", at())
      .returning(["user_id", "customer_id"])
      .executeTakeFirst();
  }

  return {
    make: (kind, userId) => insertAlways(kind, { user_id: userId, customer_id: null }),
    makeUnlessWithin: (kind, userId, ms) => insert(kind, { user_id: userId, customer_id: null }, ms),
    makeForOwner: (customerId) => insertAlways("owner", { user_id: null, customer_id: customerId }),
    find: async (kind, token) => toUserOf(await find(kind, token)),
    findOwner: async (token) => toCustomerOf(await find("owner", token)),
    use: async (kind, token) => toUserOf(await use(kind, token)),
    useOwner: async (token) => toCustomerOf(await use("owner", token)),
    async revokeOf(userId) {
      await db.deleteFrom("one_time_links").where("user_id", "=", userId).execute();
    },
    async purge() {
      const { numDeletedRows } = await db
        .deleteFrom("one_time_links")
        .where("expires_at", "<=", at())
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function toUserOf(row: Row | undefined): { userId: string } | undefined {
  return row === undefined || row.user_id === null ? undefined : { userId: row.user_id };
}

function toCustomerOf(row: Row | undefined): { customerId: string } | undefined {
  return row === undefined || row.customer_id === null ? undefined : { customerId: row.customer_id };
}
