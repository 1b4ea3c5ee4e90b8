import type { MigrationSet } from "@cita/database";
import { type Kysely, sql } from "kysely";

/** Run at start, before anything reads. Never edit a step that has been released: add one. */
export const tokenStoreMigrations: MigrationSet = {
  owner: "token_store",
  migrations: {
    "0001-connections-and-links": { up: createConnectionsAndLinks },
    "0002-refresh-leases": { up: addRefreshLeases },
    "0003-link-fingerprints": { up: addLinkFingerprints },
    "0004-time-zones": { up: addTimeZones },
    "0005-account-ids": { up: addAccountIds },
    "0006-attempts-by-age": { up: addAttemptsByAge },
  },
};

async function createConnectionsAndLinks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("oauth_tokens")
    .addColumn("customer_id", "text", (c) => c.notNull())
    .addColumn("provider", "text", (c) => c.notNull())
    .addColumn("access_token", "text", (c) => c.notNull())
    .addColumn("refresh_token", "text", (c) => c.notNull())
    .addColumn("token_expiry", "text", (c) => c.notNull())
    .addColumn("calendar_email", "text")
    .addColumn("scope", "text", (c) => c.notNull())
    .addColumn("key_fingerprint", "text", (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("reconnect_required_since", "text")
    .addColumn("reconnect_reason", "text")
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("updated_at", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("oauth_tokens_pk", ["customer_id", "provider"])
    .execute();

  await db.schema
    .createTable("consent_links")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("customer_id", "text", (c) => c.notNull())
    .addColumn("provider", "text", (c) => c.notNull())
    .addColumn("token_hash", "text", (c) => c.notNull().unique())
    .addColumn("token_sealed", "text", (c) => c.notNull())
    .addColumn("customer_email", "text")
    .addColumn("customer_name", "text")
    .addColumn("any_account", "integer", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("expires_at", "text", (c) => c.notNull())
    .addColumn("used_at", "text")
    .addColumn("revoked_at", "text")
    .execute();

  // The database, not the code, promises one live link a customer.
  await db.schema
    .createIndex("consent_links_one_live")
    .unique()
    .on("consent_links")
    .columns(["customer_id", "provider"])
    .where(sql.ref("used_at"), "is", null)
    .where(sql.ref("revoked_at"), "is", null)
    .execute();

  await db.schema
    .createIndex("consent_links_by_customer")
    .on("consent_links")
    .columns(["customer_id", "provider"])
    .execute();

  await db.schema
    .createTable("consent_attempts")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("link_id", "integer", (c) => c.notNull().references("consent_links.id").onDelete("cascade"))
    .addColumn("state_hash", "text", (c) => c.notNull().unique())
    .addColumn("started_at", "text", (c) => c.notNull())
    .addColumn("returned_at", "text")
    .addColumn("outcome", "text")
    .addColumn("account_email", "text")
    .execute();

  await db.schema
    .createIndex("consent_attempts_by_link")
    .on("consent_attempts")
    .columns(["link_id"])
    .execute();
}

async function addRefreshLeases(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("oauth_tokens").addColumn("lease_owner", "text").execute();
  await db.schema.alterTable("oauth_tokens").addColumn("lease_until", "text").execute();
  // Those that nobody used for long are looked for every hour.
  await db.schema.createIndex("oauth_tokens_by_update").on("oauth_tokens").column("updated_at").execute();
}

/** A migration knows no keys, so the column is filled when the store is opened: see link-fingerprints.ts. */
async function addLinkFingerprints(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("consent_links").addColumn("key_fingerprint", "text").execute();
  // Which keys are in use is counted from these alone, at every readiness probe.
  await db.schema.createIndex("oauth_tokens_by_key").on("oauth_tokens").column("key_fingerprint").execute();
  await db.schema
    .createIndex("consent_links_by_key")
    .on("consent_links")
    .columns(["key_fingerprint", "used_at", "revoked_at", "expires_at"])
    .execute();
}

/** So that a process that has just started can tell the date at a business before it reads the calendar. */
async function addTimeZones(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("oauth_tokens").addColumn("time_zone", "text").execute();
}

/** An address can change its owner, and an account its address: the provider's own id of the account does neither. */
async function addAccountIds(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("oauth_tokens").addColumn("account_id", "text").execute();
  await db.schema.alterTable("consent_links").addColumn("account_id", "text").execute();
}

/** Those that are too old, and those that never came back, are looked for every hour. */
async function addAttemptsByAge(db: Kysely<unknown>): Promise<void> {
  const index = (name: string) => db.schema.createIndex(name).on("consent_attempts").column("started_at");
  await index("consent_attempts_by_age").execute();
  await index("consent_attempts_unreturned").where(sql.ref("returned_at"), "is", null).execute();
}
