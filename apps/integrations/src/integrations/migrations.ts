import type { OwnedTables } from "@cita/database";
import { type ColumnDefinitionBuilder, type Kysely, sql } from "kysely";

/** Run at start, before anything reads. Never edit a step that has been released: add one. */
export const integrationMigrations: OwnedTables = {
  owner: "integrations",
  tables: { integrations: "id", oauth_states: "id", integration_sync_logs: "id" },
  migrations: {
    "0001-integrations": { up: createTables },
    "0002-names-and-grantors": { up: addNamesAndGrantors },
    "0003-obstacles": { up: addObstacles },
  },
};

async function createTables(db: Kysely<unknown>): Promise<void> {
  await createIntegrations(db);
  await createStates(db);
  await createSyncLogs(db);
  for (const index of indexes) await sql.raw(`create ${index}`).execute(db);
}

/** The condition of `isRenewable`, which SQLite requires literally. */
const renewable = "where is_active = 1 and reconnect_required_since is null";

const indexes = [
  "unique index integrations_accounts on integrations (owner, provider, account_id)",
  // With the id, pages of a list are read in its order.
  "index integrations_by_user on integrations (user_id, id)",
  "index integrations_by_provider on integrations (provider, id)",
  "index integrations_by_organization on integrations (organization_id, id)",
  "index integrations_by_account on integrations (account_id)",
  "index integrations_by_key on integrations (key_fingerprint)",
  `index integrations_by_renewal on integrations (provider, renew_at) ${renewable}`,
  `index integrations_by_probe on integrations (provider, probe_due) ${renewable}`,
  // With the expression of the count, which SQLite requires literally: without it each row would be read.
  `index integrations_by_state on integrations (provider, (case when is_active = 0 then 'inactive'
    when reconnect_required_since is not null then 'reconnect_required'
    when error_reason is not null then 'error' else 'connected' end))`,
  "index oauth_states_by_expiry on oauth_states (expires_at)",
  "index oauth_states_by_owner on oauth_states (owner)",
  "index oauth_states_by_user on oauth_states (user_id)",
  "index integration_sync_logs_by_integration on integration_sync_logs (integration_id, started_at, id)",
  "index integration_sync_logs_by_start on integration_sync_logs (started_at)",
  `index integration_sync_logs_in_progress on integration_sync_logs (started_at)
    where status = 'IN_PROGRESS'`,
];

const required = (column: ColumnDefinitionBuilder) => column.notNull();

async function createIntegrations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("integrations")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("owner", "text", required)
    .addColumn("user_id", "text", required)
    .addColumn("organization_id", "text")
    .addColumn("provider", "text", required)
    .addColumn("account_id", "text", required)
    .addColumn("name", "text", required)
    .addColumn("email", "text")
    .addColumn("is_active", "integer", required)
    .addColumn("access_token", "text")
    .addColumn("refresh_token", "text")
    .addColumn("key_fingerprint", "text")
    .addColumn("token_type", "text")
    .addColumn("issued_at", "text", required)
    .addColumn("expires_at", "text")
    .addColumn("access_ends_at", "text")
    .addColumn("renew_at", "text")
    .addColumn("probe_due", "text", required)
    .addColumn("scopes", "text", required)
    .addColumn("inputs", "text", required)
    .addColumn("facts", "text", required)
    .addColumn("client_id", "text", required)
    .addColumn("metadata", "text", required)
    .addColumn("last_sync_at", "text")
    .addColumn("last_error", "text")
    .addColumn("error_reason", "text")
    .addColumn("loss_suspected_since", "text")
    .addColumn("reconnect_required_since", "text")
    .addColumn("reconnect_reason", "text")
    .addColumn("version", "integer", required)
    .addColumn("lease_owner", "text")
    .addColumn("lease_until", "text")
    .addColumn("created_at", "text", required)
    .addColumn("updated_at", "text", required)
    .execute();
}

async function createStates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("oauth_states")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("state", "text", (c) => c.notNull().unique())
    .addColumn("owner", "text", required)
    .addColumn("provider", "text", required)
    .addColumn("user_id", "text", required)
    .addColumn("organization_id", "text")
    .addColumn("redirect_uri", "text", required)
    .addColumn("metadata", "text", required)
    .addColumn("inputs", "text", required)
    .addColumn("scopes", "text", required)
    .addColumn("login_hint", "text")
    .addColumn("client_id", "text", required)
    .addColumn("created_at", "text", required)
    .addColumn("expires_at", "text", required)
    .addColumn("consumed_at", "text")
    .addColumn("integration_id", "text")
    .execute();
}

async function createSyncLogs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("integration_sync_logs")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("integration_id", "text", (c) => c.notNull().references("integrations.id").onDelete("cascade"))
    .addColumn("action", "text", required)
    .addColumn("resource_type", "text", required)
    .addColumn("resource_id", "text")
    .addColumn("status", "text", required)
    .addColumn("items_processed", "integer", required)
    .addColumn("items_failed", "integer", required)
    .addColumn("error", "text")
    .addColumn("metadata", "text", required)
    .addColumn("started_at", "text", required)
    .addColumn("completed_at", "text")
    .execute();
}

async function addNamesAndGrantors(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("integrations").addColumn("grantor", "text").execute();
  await db.schema
    .alterTable("integrations")
    .addColumn("is_named", "integer", (c) => c.notNull().defaultTo(0))
    .execute();
  await sql`update integrations set grantor = account_id`.execute(db);
  await sql.raw("create index integrations_by_grantor on integrations (grantor)").execute(db);
  await sql.raw("drop index integrations_by_account").execute(db);
}

async function addObstacles(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("integrations").addColumn("obstacle", "text").execute();
}
