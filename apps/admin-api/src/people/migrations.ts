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
  one_time_links: {
    id: string;
    kind: string;
    token_hash: string;
    user_id: string | null;
    /** Of links for a business's owner. */
    customer_id: string | null;
    created_at: string;
    expires_at: string;
    used_at: string | null;
  };
  /** Recent failures by address, by account, and by both, all hashed with a key. */
  sign_in_failures: { key_hash: string; failures: number; last_at_ms: number };
  signing_keys: {
    kid: string;
    /** A JWK, sealed. */
    private_key: string;
    /** A JWK. */
    public_key: string;
    signs_from_ms: number;
  };
  refresh_tokens: {
    token_hash: string;
    session_id: string;
    expires_at_ms: number;
    used_at_ms: number | null;
  };
  recovery_codes: { code_hash: string; user_id: string };
  stream_tickets: { token_hash: string; session_id: string; expires_at_ms: number };
  /** Of whom other services aren't told yet that they are removed. */
  removed_users: { user_id: string; removed_at: string };
};

/** Run at start, after the customers' own. Never edit a step that has been released: add one. */
export const peopleMigrations: OwnedTables = {
  owner: "people",
  tables: {
    ...{ users: "id", memberships: "id", sessions: "id", one_time_links: "id" },
    ...{ sign_in_failures: "key_hash", signing_keys: "kid" },
    ...{ refresh_tokens: "token_hash", recovery_codes: "code_hash" },
    ...{ stream_tickets: "token_hash", removed_users: "user_id" },
  },
  migrations: {
    "0001-people": { up: createPeople },
    "0002-signing-in": { up: createSigningIn },
    "0003-removed-users": { up: createRemovedUsers },
    "0004-stream-tickets": { up: createStreamTickets },
  },
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
  for (const column of ["user_id", "customer_id", "last_seen_at", "expires_at"])
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
  await db.schema.createIndex("users_by_role").on("users").columns(["role", "is_active"]).execute();
}

async function createSigningIn(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("one_time_links")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("token_hash", "text", (c) => c.notNull().unique())
    .addColumn("user_id", "text", (c) => c.references("users.id").onDelete("cascade"))
    .addColumn("customer_id", "text", (c) => c.references("customers.customer_id").onDelete("cascade"))
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("expires_at", "text", (c) => c.notNull())
    .addColumn("used_at", "text")
    .execute();
  for (const column of ["user_id", "customer_id", "expires_at"])
    await db.schema.createIndex(`one_time_links_by_${column}`).on("one_time_links").column(column).execute();
  await db.schema
    .createTable("sign_in_failures")
    .addColumn("key_hash", "text", (c) => c.primaryKey())
    .addColumn("failures", "integer", (c) => c.notNull())
    .addColumn("last_at_ms", "integer", (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex("sign_in_failures_by_last_at")
    .on("sign_in_failures")
    .column("last_at_ms")
    .execute();
  await db.schema
    .createTable("signing_keys")
    .addColumn("kid", "text", (c) => c.primaryKey())
    .addColumn("private_key", "text", (c) => c.notNull())
    .addColumn("public_key", "text", (c) => c.notNull())
    .addColumn("signs_from_ms", "integer", (c) => c.notNull())
    .execute();
  await createTokens(db);
}

async function createTokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("refresh_tokens")
    .addColumn("token_hash", "text", (c) => c.primaryKey())
    .addColumn("session_id", "text", (c) => c.notNull().references("sessions.id").onDelete("cascade"))
    .addColumn("expires_at_ms", "integer", (c) => c.notNull())
    .addColumn("used_at_ms", "integer")
    .execute();
  for (const column of ["session_id", "expires_at_ms"])
    await db.schema.createIndex(`refresh_tokens_by_${column}`).on("refresh_tokens").column(column).execute();
  await db.schema
    .createTable("recovery_codes")
    .addColumn("code_hash", "text", (c) => c.primaryKey())
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
    .execute();
  await db.schema.createIndex("recovery_codes_by_user").on("recovery_codes").column("user_id").execute();
}

async function createStreamTickets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("stream_tickets")
    .addColumn("token_hash", "text", (c) => c.primaryKey())
    .addColumn("session_id", "text", (c) => c.notNull().references("sessions.id").onDelete("cascade"))
    .addColumn("expires_at_ms", "integer", (c) => c.notNull())
    .execute();
  for (const column of ["session_id", "expires_at_ms"])
    await db.schema.createIndex(`stream_tickets_by_${column}`).on("stream_tickets").column(column).execute();
}

async function createRemovedUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("removed_users")
    .addColumn("user_id", "text", (c) => c.primaryKey())
    .addColumn("removed_at", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("removed_users_by_time").on("removed_users").column("removed_at").execute();
}
