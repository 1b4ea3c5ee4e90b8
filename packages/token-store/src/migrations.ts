import { engineName, type OwnedTables } from "@cita/database";
import { type ColumnDefinitionBuilder, type Kysely, sql } from "kysely";

/** Run at start, before anything reads. Never edit a step that has been released: add one. */
export const tokenStoreMigrations: OwnedTables = {
  owner: "token_store",
  tables: { oauth_tokens: "connection_id", consent_links: "id", consent_attempts: "id" },
  migrations: {
    "0001-connections-and-links": { up: createConnectionsAndLinks },
    "0002-refresh-leases": { up: addRefreshLeases },
    "0003-link-fingerprints": { up: addLinkFingerprints },
    "0004-time-zones": { up: addTimeZones },
    "0005-account-ids": { up: addAccountIds },
    "0006-calendar-states": { up: addCalendarStates },
    "0007-bounded-reads": { up: indexBoundedReads },
    "0008-attempts-by-age": { up: addAttemptsByAge },
    "0009-connections-of-any-provider": { up: rebuildConnections },
    "0010-links-of-any-provider": { up: freeLinksOfProvider },
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

/**
 * Gives connections an id of their own, and lets a connection be without a refresh token. SQLite changes neither in place,
 * so the table is made anew, and in PostgreSQL it is empty. Until now an access was renewed after 30 idle days.
 */
async function rebuildConnections(db: Kysely<unknown>): Promise<void> {
  if (engineName(db) === "postgres") {
    await db.schema.dropTable("oauth_tokens").execute();
    await createConnections(db, "oauth_tokens");
  } else {
    const copied =
      sql.raw(`customer_id, provider, access_token, refresh_token, token_expiry, calendar_email, account_id,
      scope, key_fingerprint, version, reconnect_required_since, reconnect_reason, time_zone, calendar_state,
      calendar_state_since, calendar_state_detail, calendar_failing_since, calendar_failures, calendar_check_due,
      lease_owner, lease_until, created_at, updated_at`);
    await createConnections(db, "connections_copy");
    await sql`insert into connections_copy (renew_at, ${copied})
      select strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+30 days'), ${copied} from oauth_tokens`.execute(db);
    await sql`drop table oauth_tokens`.execute(db);
    await sql`alter table connections_copy rename to oauth_tokens`.execute(db);
  }
  const live = "where reconnect_required_since is null";
  for (const index of [
    "unique index oauth_tokens_accounts on oauth_tokens (customer_id, provider, account_id)",
    "index oauth_tokens_by_key on oauth_tokens (key_fingerprint)",
    "index oauth_tokens_by_address on oauth_tokens (calendar_email)",
    "index oauth_tokens_by_account on oauth_tokens (account_id)",
    `index oauth_tokens_by_renewal on oauth_tokens (provider, renew_at) ${live}`,
    `index oauth_tokens_by_calendar_check on oauth_tokens (provider, calendar_check_due) ${live}`,
    `index oauth_tokens_not_answering on oauth_tokens (provider, calendar_state)
      where calendar_state <> 'ok' and reconnect_required_since is null`,
    `index oauth_tokens_lost on oauth_tokens (provider, reconnect_required_since)
      where reconnect_required_since is not null`,
  ]) {
    await sql.raw(`create ${index}`).execute(db);
  }
}

async function createConnections(db: Kysely<unknown>, table: string): Promise<void> {
  const required = (column: ColumnDefinitionBuilder) => column.notNull();
  const newId =
    engineName(db) === "sqlite"
      ? sql`(lower(hex(randomblob(16))))`
      : sql`replace(gen_random_uuid()::text, '-', '')`;
  await db.schema
    .createTable(table)
    .addColumn("connection_id", "text", (c) => c.notNull().primaryKey().defaultTo(newId))
    .addColumn("customer_id", "text", required)
    .addColumn("provider", "text", required)
    .addColumn("access_token", "text", required)
    .addColumn("refresh_token", "text")
    .addColumn("token_expiry", "text", required)
    .addColumn("renew_at", "text")
    .addColumn("access_ends_at", "text")
    .addColumn("client_id", "text")
    .addColumn("calendar_email", "text")
    .addColumn("account_id", "text")
    .addColumn("scope", "text", required)
    .addColumn("key_fingerprint", "text", required)
    .addColumn("version", "integer", required)
    .addColumn("reconnect_required_since", "text")
    .addColumn("reconnect_reason", "text")
    .addColumn("time_zone", "text")
    .addColumn("calendar_state", "text", (c) => c.notNull().defaultTo("unknown"))
    .addColumn("calendar_state_since", "text")
    .addColumn("calendar_state_detail", "text")
    .addColumn("calendar_failing_since", "text")
    .addColumn("calendar_failures", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("calendar_check_due", "text", (c) => c.notNull().defaultTo("1970-01-01T00:00:00.000Z"))
    .addColumn("lease_owner", "text")
    .addColumn("lease_until", "text")
    .addColumn("created_at", "text", required)
    .addColumn("updated_at", "text", required)
    .execute();
}

/**
 * A link doesn't belong to a provider: it may name one. Migrations have no keys, so `resealWithoutProvider` seals tokens anew
 * when the store is opened. Until now Google was the only provider, and an account that a link requires is one there.
 */
async function freeLinksOfProvider(db: Kysely<unknown>): Promise<void> {
  for (const index of ["one_live", "by_customer", "used"]) {
    await db.schema.dropIndex(`consent_links_${index}`).execute();
  }
  // A dropped column can be made anew without "not null", where a dropped table would take the attempts with it.
  await db.schema.alterTable("consent_links").dropColumn("provider").execute();
  await db.schema.alterTable("consent_links").addColumn("provider", "text").execute();
  await db.schema
    .alterTable("consent_links")
    .addColumn("sealed_with_provider", "integer", (c) => c.notNull().defaultTo(0))
    .execute();
  if (engineName(db) === "sqlite") await convertLinks(db);
  for (const index of [
    "unique index consent_links_one_live on consent_links (customer_id) where used_at is null and revoked_at is null",
    "index consent_links_by_customer on consent_links (customer_id)",
    "index consent_links_used on consent_links (customer_id) where used_at is not null",
    "index consent_links_with_provider on consent_links (id) where sealed_with_provider = 1",
  ]) {
    await sql.raw(`create ${index}`).execute(db);
  }
  await db.schema
    .alterTable("consent_attempts")
    .addColumn("provider", "text", (c) => c.notNull().defaultTo("google"))
    .execute();
  for (const column of ["client_id", "redirect_uri"]) {
    await db.schema.alterTable("consent_attempts").addColumn(column, "text").execute();
  }
}

async function convertLinks(db: Kysely<unknown>): Promise<void> {
  await sql`update consent_links set sealed_with_provider = 1,
    provider = case when account_id is not null then 'google' end`.execute(db);
  // One live link for each customer, where it was one for each customer and provider.
  await sql`update consent_links set revoked_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    where used_at is null and revoked_at is null and id not in (select max(id) from consent_links
      where used_at is null and revoked_at is null group by customer_id)`.execute(db);
}
