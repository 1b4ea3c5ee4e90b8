import { randomUUID } from "node:crypto";
import { type Database, exclusively, valueList } from "@cita/database";
import type { EventLog } from "@cita/events";
import { type Kysely, sql, type Updateable } from "kysely";
import type { Role } from "../access/caller.ts";
import { insertMemberships } from "./membership-store.ts";
import type { PeopleTables } from "./migrations.ts";
import {
  EmailTakenError,
  LastAdminError,
  normalizeEmail,
  toUser,
  type User,
  UserNotFoundError,
} from "./user.ts";

/** Those who may sign in. */
export type UserStore = {
  /**
   * Adds somebody who signs in as soon as there is a way for them: a password, Google, or a link.
   * @throws EmailTakenError
   */
  add(user: NewUser): Promise<User>;
  find(id: string): Promise<User | undefined>;
  findByEmail(email: string): Promise<User | undefined>;
  findByIds(ids: readonly string[]): Promise<User[]>;
  /** By address, after one, with this text in the address or the name. */
  list(query: { after?: string | undefined; limit: number; q?: string | undefined }): Promise<User[]>;
  /** The stored hash; null: there is no password. */
  passwordHashOf(id: string): Promise<string | null>;
  /**
   * Changes what is given.
   * @throws UserNotFoundError, LastAdminError
   */
  change(id: string, change: UserChange): Promise<User>;
  /**
   * Removes somebody with their sessions, links and memberships. What they have done stays, under their id.
   * @throws UserNotFoundError, LastAdminError
   */
  remove(id: string): Promise<void>;
  /**
   * Finds the user of a Google account: the one who has signed in with it before, or else the one with its address, whose it
   * is from then on.
   */
  joinByGoogle(account: GoogleAccount): Promise<JoinedByGoogle>;
  /** Admins who want mail, and are active. */
  listNotified(): Promise<User[]>;
};

export type GoogleAccount = {
  readonly accountId: string;
  readonly email: string;
  /** Whether the account shows that the address is theirs now. */
  readonly provesAddress: boolean;
};

export type JoinedByGoogle =
  | { readonly kind: "joined"; readonly user: User }
  /** Nobody has the address, or they are deactivated. */
  | { readonly kind: "unknown" }
  /** Somebody has the address, and it may be another person's account. */
  | { readonly kind: "unproven" };

export type NewUser = {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash?: string | undefined;
  readonly customerIds?: readonly string[] | undefined;
};

export type UserChange = {
  readonly name?: string | undefined;
  readonly avatarUrl?: string | null | undefined;
  readonly language?: string | null | undefined;
  readonly emailNotifications?: boolean | undefined;
  readonly role?: Role | undefined;
  readonly isActive?: boolean | undefined;
  readonly passwordHash?: string | undefined;
};

type Deps = {
  readonly db: Database;
  readonly events: Pick<EventLog, "transaction">;
  readonly now: () => number;
  /** Whether other services are told who is removed: `told-removals.ts` then has them. */
  readonly tellsRemovals?: boolean | undefined;
};

type Db = Kysely<PeopleTables>;

/** Whoever adds an address, or takes an admin away, is alone: each decides by all users. */
const usersKey = "users";

/** The tables of `peopleMigrations` must exist. */
export function createUserStore(deps: Deps): UserStore {
  const db: Db = deps.db.withTables<PeopleTables>();
  const findBy = async (column: "id" | "email", value: string) => {
    const row = await db.selectFrom("users").selectAll().where(column, "=", value).executeTakeFirst();
    return row && toUser(row);
  };

  return {
    add: (user) => addUser(deps, user),
    find: (id) => findBy("id", id),
    findByEmail: (email) => findBy("email", normalizeEmail(email)),

    async findByIds(ids) {
      const isAmong = sql<boolean>`id in ${valueList(db, "text", ids)}`;
      return (await db.selectFrom("users").selectAll().where(isAmong).execute()).map(toUser);
    },

    async list({ after = "", limit, q = "" }) {
      const pattern = `%${q.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`;
      const rows = await db
        .selectFrom("users")
        .selectAll()
        .where("email", ">", after)
        .$if(q !== "", (all) =>
          all.where(
            sql<boolean>`(email like ${pattern} escape '\\' or lower(name) like ${pattern} escape '\\')`,
          ),
        )
        .orderBy("email")
        .limit(limit)
        .execute();
      return rows.map(toUser);
    },

    async passwordHashOf(id) {
      const row = await db
        .selectFrom("users")
        .select("password_hash")
        .where("id", "=", id)
        .executeTakeFirst();
      return row?.password_hash ?? null;
    },

    change: (id, change) => changeUser(deps, id, change),

    remove: (id) => removeUser(deps, id),

    joinByGoogle: (account) => joinByGoogle(deps, account),

    async listNotified() {
      const rows = await db
        .selectFrom("users")
        .selectAll()
        .where("role", "=", "admin")
        .where("is_active", "=", 1)
        .where("email_notifications", "=", 1)
        .execute();
      return rows.map(toUser);
    },
  };
}

function addUser(
  { events, now }: Deps,
  { email, name, role, passwordHash, customerIds = [] }: NewUser,
): Promise<User> {
  const at = new Date(now()).toISOString();
  const row = {
    ...{ id: randomUUID(), email: normalizeEmail(email), name, avatar_url: null, role, is_active: 1 },
    ...{ password_hash: passwordHash ?? null, language: null, email_notifications: role === "admin" ? 1 : 0 },
    ...{ totp_secret: null, totp_last_step: null, google_account_id: null },
    ...{ joined_at: passwordHash === undefined ? null : at, created_at: at, updated_at: at },
  };
  return events.transaction((trx, append) =>
    exclusively(trx, usersKey, async () => {
      const db = trx.withTables<PeopleTables>();
      const taken = await db
        .selectFrom("users")
        .select("id")
        .where("email", "=", row.email)
        .executeTakeFirst();
      if (taken !== undefined) throw new EmailTakenError();
      await db.insertInto("users").values(row).execute();
      await insertMemberships(db, row.id, customerIds);
      const kind = passwordHash === undefined ? "user_invited" : "user_added";
      await append({ customerId: null, kind, data: { user_id: row.id, role } });
      return toUser(row);
    }),
  );
}

function changeUser({ events, now }: Deps, id: string, change: UserChange): Promise<User> {
  return events.transaction((trx, append) =>
    exclusively(trx, usersKey, async () => {
      const db = trx.withTables<PeopleTables>();
      const before = await expectUser(db, id);
      const wasAdmin = before.role === "admin" && before.isActive;
      const isAdmin = (change.role ?? before.role) === "admin" && (change.isActive ?? before.isActive);
      if (wasAdmin && !isAdmin && (await countAdmins(db)) < 2) throw new LastAdminError();
      const at = new Date(now()).toISOString();
      const joins = change.passwordHash !== undefined && before.joinedAt === null;
      await db
        .updateTable("users")
        .set({ ...toColumns(change), updated_at: at, ...(joins && { joined_at: at }) })
        .where("id", "=", id)
        .execute();
      if (change.role !== undefined && change.role !== before.role)
        await append({ customerId: null, kind: "role_changed", data: { user_id: id, role: change.role } });
      if (change.isActive !== undefined && change.isActive !== before.isActive) {
        if (!change.isActive) await db.deleteFrom("sessions").where("user_id", "=", id).execute();
        const kind = change.isActive ? "user_activated" : "user_deactivated";
        await append({ customerId: null, kind, data: { user_id: id } });
      }
      if (change.passwordHash !== undefined)
        await append({
          customerId: null,
          kind: joins ? "user_joined" : "password_changed",
          data: { user_id: id },
        });
      return expectUser(db, id);
    }),
  );
}

function removeUser({ events, now, tellsRemovals }: Deps, id: string): Promise<void> {
  return events.transaction((trx, append) =>
    exclusively(trx, usersKey, async () => {
      const db = trx.withTables<PeopleTables>();
      const { role, isActive } = await expectUser(db, id);
      if (role === "admin" && isActive && (await countAdmins(db)) < 2) throw new LastAdminError();
      await db.deleteFrom("users").where("id", "=", id).execute();
      const removed = { user_id: id, removed_at: new Date(now()).toISOString() };
      if (tellsRemovals === true) await db.insertInto("removed_users").values(removed).execute();
      await append({ customerId: null, kind: "user_removed", data: { user_id: id } });
    }),
  );
}

function joinByGoogle(
  { events, now }: Deps,
  { accountId, email, provesAddress }: GoogleAccount,
): Promise<JoinedByGoogle> {
  return events.transaction((trx, append) =>
    exclusively(trx, usersKey, async () => {
      const db = trx.withTables<PeopleTables>();
      const active = db.selectFrom("users").selectAll().where("is_active", "=", 1);
      const known = await active.where("google_account_id", "=", accountId).executeTakeFirst();
      if (known !== undefined) return { kind: "joined", user: toUser(known) };
      const user = await active
        .where("email", "=", normalizeEmail(email))
        .where("google_account_id", "is", null)
        .executeTakeFirst();
      if (user === undefined) return { kind: "unknown" };
      if (!provesAddress) return { kind: "unproven" };
      const at = new Date(now()).toISOString();
      const joined = { google_account_id: accountId, joined_at: user.joined_at ?? at };
      await db
        .updateTable("users")
        .set({ ...joined, updated_at: at })
        .where("id", "=", user.id)
        .execute();
      if (user.joined_at === null)
        await append({ customerId: null, kind: "user_joined", data: { user_id: user.id } });
      return { kind: "joined", user: toUser({ ...user, ...joined }) };
    }),
  );
}

function toColumns(change: UserChange): Updateable<PeopleTables["users"]> {
  const { name, avatarUrl, language, emailNotifications, role, isActive, passwordHash } = change;
  return {
    ...(name !== undefined && { name }),
    ...(avatarUrl !== undefined && { avatar_url: avatarUrl }),
    ...(language !== undefined && { language }),
    ...(emailNotifications !== undefined && { email_notifications: emailNotifications ? 1 : 0 }),
    ...(role !== undefined && { role }),
    ...(isActive !== undefined && { is_active: isActive ? 1 : 0 }),
    ...(passwordHash !== undefined && { password_hash: passwordHash }),
  };
}

/** @throws UserNotFoundError */
export async function findExistingUser(users: Pick<UserStore, "find">, id: string): Promise<User> {
  const user = await users.find(id);
  if (user === undefined) throw new UserNotFoundError();
  return user;
}

/** @throws UserNotFoundError */
async function expectUser(db: Db, id: string): Promise<User> {
  const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw new UserNotFoundError();
  return toUser(row);
}

async function countAdmins(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom("users")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("role", "=", "admin")
    .where("is_active", "=", 1)
    .executeTakeFirstOrThrow();
  return Number(count);
}
