import { randomUUID } from "node:crypto";
import { type Database, exclusively } from "@cita/database";
import { dayMs, hourMs, minuteMs } from "@cita/scheduling";
import type { Kysely, Transaction } from "kysely";
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

const lifetimesMs: Readonly<Record<LinkKind, number>> = {
  invitation: 7 * dayMs,
  reset: hourMs,
  sign_in: 15 * minuteMs,
  owner: 7 * dayMs,
};

type Row = { user_id: string | null; customer_id: string | null };

/** Whose a link is, and the column that says so. */
type Holder = { readonly column: keyof Row; readonly id: string };

/** The tables of `peopleMigrations` must exist. */
export function createOneTimeLinks(database: Database, now: () => number): OneTimeLinks {
  const db: Kysely<PeopleTables> = database.withTables<PeopleTables>();
  const at = () => new Date(now()).toISOString();
  const { replace, addUnlessWithin } = createMaking(db, now);

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
    make: (kind, userId) => replace(kind, { column: "user_id", id: userId }),
    makeUnlessWithin: (kind, userId, ms) => addUnlessWithin(kind, { column: "user_id", id: userId }, ms),
    makeForOwner: (customerId) => replace("owner", { column: "customer_id", id: customerId }),
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

/** Making links: in place of the holder's others of the kind, or beside them. */
function createMaking(db: Kysely<PeopleTables>, now: () => number) {
  const at = (ms: number) => new Date(ms).toISOString();

  /** No other link is made for the same holder at the same time. */
  function inTurn<T>({ id }: Holder, act: (trx: Transaction<PeopleTables>) => Promise<T>): Promise<T> {
    return exclusively(db, `one-time links of ${id}`, act);
  }

  async function insert(
    trx: Transaction<PeopleTables>,
    kind: LinkKind,
    { column, id }: Holder,
  ): Promise<MadeLink> {
    const [token, expiresAt] = [makeSecretToken(), at(now() + lifetimesMs[kind])];
    const holder = { user_id: null, customer_id: null, [column]: id };
    const row = { id: randomUUID(), kind, token_hash: hashSecretToken(token), ...holder };
    await trx
      .insertInto("one_time_links")
      .values({ ...row, created_at: at(now()), expires_at: expiresAt, used_at: null })
      .execute();
    return { token, expiresAt };
  }

  function replace(kind: LinkKind, holder: Holder): Promise<MadeLink> {
    return inTurn(holder, async (trx) => {
      await trx
        .deleteFrom("one_time_links")
        .where(holder.column, "=", holder.id)
        .where("kind", "=", kind)
        .execute();
      return insert(trx, kind, holder);
    });
  }

  /** Whoever asks in somebody's name doesn't take the link away that they have in their mailbox. */
  function addUnlessWithin(kind: LinkKind, holder: Holder, ms: number): Promise<MadeLink | undefined> {
    return inTurn(holder, async (trx) => {
      const recent = await trx
        .selectFrom("one_time_links")
        .select("id")
        .where(holder.column, "=", holder.id)
        .where("kind", "=", kind)
        .where("created_at", ">", at(now() - ms))
        .executeTakeFirst();
      return recent === undefined ? insert(trx, kind, holder) : undefined;
    });
  }

  return { replace, addUnlessWithin };
}

function toUserOf(row: Row | undefined): { userId: string } | undefined {
  return row === undefined || row.user_id === null ? undefined : { userId: row.user_id };
}

function toCustomerOf(row: Row | undefined): { customerId: string } | undefined {
  return row === undefined || row.customer_id === null ? undefined : { customerId: row.customer_id };
}
