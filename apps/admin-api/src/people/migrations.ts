import type { OwnedTables } from "@cita/database";
import type { Generated, Kysely } from "kysely";

/** Times are ISO 8601 in UTC. Whatever is hashed is a SHA-256 in hex. */
export type PeopleTables = {
  users: {
    id: string;
    /** In lower case. */
    email: string;
    name: string;
    avatar_url: string | null;
    role: string;
    is_active: number;
    /** null: signs in with Google or by links, or hasn't accepted the invitation yet. */
    password_hash: string | null;
    /** Of the panel; null: the browser's. */
    language: string | null;
    email_notifications: number;
    /** Sealed; null: no second factor. */
    totp_secret: string | null;
    /** The last time step whose code was accepted. A code counts once (RFC 6238, section 5.2). */
    totp_last_step: number | null;
    /** `sub` of the Google account that has signed in first. Its address may be another person's later. */
    google_account_id: string | null;
    /** null: the invitation isn't accepted yet. */
    joined_at: string | null;
    created_at: string;
    updated_at: string;
  };
  memberships: { id: Generated<number>; user_id: string; customer_id: string };
  sessions: {
    id: string;
    token_hash: string;
    /** null: the session of a business's owner. */
    user_id: string | null;
    /** null: the session of a user. */
    customer_id: string | null;
    created_at: string;
    /** Correct to some minutes. */
    last_seen_at: string;
    expires_at: string;
  };
};

/** Run at start, after the customers' own. Never edit a step that has been released: add one. */
export const peopleMigrations: OwnedTables = {
  owner: "people",
  tables: { users: "id", memberships: "id", sessions: "id" },
  migrations: { "0001-people": { up: createPeople } },
};

async function createPeople(db: Kysely<unknown>): Promise<void> {
  await createUsers(db);
  await db.schema
    .createTable("memberships")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .addColumn("customer_id", "text", (c) =>
      c.notNull().references("customers.customer_id").onDelete("cascade"),
    )
    .addUniqueConstraint("memberships_once", ["user_id", "customer_id"])
    .execute();
  await db.schema
    .createIndex("memberships_by_customer")
    .on("memberships")
    .columns(["customer_id", "user_id"])
    .execute();
  await db.schema
    .createTable("sessions")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("token_hash", "text", (c) => c.notNull().unique())
    .addColumn("user_id", "text", (c) => c.references("users.id").onDelete("cascade"))
    .addColumn("customer_id", "text", (c) => c.references("customers.customer_id").onDelete("cascade"))
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("last_seen_at", "text", (c) => c.notNull())
    .addColumn("expires_at", "text", (c) => c.notNull())
    .execute();
  for (const column of ["user_id", "customer_id", "last_seen_at"])
    await db.schema.createIndex(`sessions_by_${column}`).on("sessions").column(column).execute();
}

async function createUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("users")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("email", "text", (c) => c.notNull().unique())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("avatar_url", "text")
    .addColumn("role", "text", (c) => c.notNull())
    .addColumn("is_active", "integer", (c) => c.notNull())
    .addColumn("password_hash", "text")
    .addColumn("language", "text")
    .addColumn("email_notifications", "integer", (c) => c.notNull())
    .addColumn("totp_secret", "text")
    .addColumn("totp_last_step", "integer")
    .addColumn("google_account_id", "text", (c) => c.unique())
    .addColumn("joined_at", "text")
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("updated_at", "text", (c) => c.notNull())
    .execute();
}
