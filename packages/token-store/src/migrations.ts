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
    "0006-calendar-states": { up: addCalendarStates },
    "0007-bounded-reads": { up: indexBoundedReads },
    "0008-attempts-by-age": { up: addAttemptsByAge },
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

  // One live link a customer, as a constraint.
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
  // Keep-alive searches unused connections every hour.
  await db.schema.createIndex("oauth_tokens_by_update").on("oauth_tokens").column("updated_at").execute();
}

/** Migrations have no keys, so `recordLinkFingerprints` fills the column when the store is opened. */
async function addLinkFingerprints(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("consent_links").addColumn("key_fingerprint", "text").execute();
  // `checkKeys` and `opensStored` read only these indexes.
  await db.schema.createIndex("oauth_tokens_by_key").on("oauth_tokens").column("key_fingerprint").execute();
  await db.schema
    .createIndex("consent_links_by_key")
    .on("consent_links")
    .columns(["key_fingerprint", "used_at", "revoked_at", "expires_at"])
    .execute();
}

/** Lets a process that has just started know a business's date without reading its calendar. */
async function addTimeZones(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("oauth_tokens").addColumn("time_zone", "text").execute();
}

/** The provider's id of the account: unlike an e-mail address it never changes and never gets another owner. */
async function addAccountIds(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("oauth_tokens").addColumn("account_id", "text").execute();
  await db.schema.alterTable("consent_links").addColumn("account_id", "text").execute();
}

/** Calendar states, and when the watch reads each calendar. */
async function addCalendarStates(db: Kysely<unknown>): Promise<void> {
  const column = (name: string, definition: string) =>
    sql.raw(`alter table oauth_tokens add column ${name} ${definition}`).execute(db);
  await column("calendar_state", "text not null default 'unknown'");
  await column("calendar_state_since", "text");
  await column("calendar_state_detail", "text");
  await column("calendar_failing_since", "text");
  await column("calendar_failures", "integer not null default 0");
  await column("calendar_check_due", "text not null default '1970-01-01T00:00:00.000Z'");
  await sql`create index oauth_tokens_by_calendar_check on oauth_tokens (provider, calendar_check_due)
    where reconnect_required_since is null`.execute(db);
  // Nearly all calendars answer. This index has only those that don't.
  await sql`create index oauth_tokens_not_answering on oauth_tokens (provider, calendar_state)
    where calendar_state <> 'ok' and reconnect_required_since is null`.execute(db);
}

/** Indexes of queries that would otherwise read rows of the past or of other customers. */
async function indexBoundedReads(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex("oauth_tokens_lost")
    .on("oauth_tokens")
    .columns(["provider", "reconnect_required_since"])
    .where(sql.ref("reconnect_required_since"), "is not", null)
    .execute();
  // Without lost connections, which keep-alive would find first every time.
  await db.schema.dropIndex("oauth_tokens_by_update").execute();
  await db.schema
    .createIndex("oauth_tokens_by_update")
    .on("oauth_tokens")
    .column("updated_at")
    .where(sql.ref("reconnect_required_since"), "is", null)
    .execute();
  await db.schema
    .createIndex("oauth_tokens_by_account")
    .on("oauth_tokens")
    .columns(["calendar_email", "provider"])
    .execute();
  await db.schema
    .createIndex("consent_links_live")
    .on("consent_links")
    .column("expires_at")
    .where(sql.ref("used_at"), "is", null)
    .where(sql.ref("revoked_at"), "is", null)
    .execute();
  await db.schema
    .createIndex("consent_links_used")
    .on("consent_links")
    .columns(["customer_id", "provider"])
    .where(sql.ref("used_at"), "is not", null)
    .execute();
  await db.schema
    .createIndex("consent_attempts_settled")
    .on("consent_attempts")
    .columns(["link_id", "returned_at"])
    .where(sql.ref("outcome"), "is not", null)
    .execute();
}

/** Purges search old and unreturned attempts every hour. */
async function addAttemptsByAge(db: Kysely<unknown>): Promise<void> {
  const index = (name: string) => db.schema.createIndex(name).on("consent_attempts").column("started_at");
  await index("consent_attempts_by_age").execute();
  await index("consent_attempts_unreturned").where(sql.ref("returned_at"), "is", null).execute();
}
