import type { OwnedTables } from "@cita/database";
import { type ColumnDefinitionBuilder, type Kysely, sql } from "kysely";

/** Run at start, behind the integrations'. Never edit a step that has been released: add one. */
export const webhookMigrations: OwnedTables = {
  owner: "webhooks",
  tables: {
    webhooks: "id",
    webhook_messages: "sequence",
    webhook_deliveries: "id",
    webhook_cursors: "source",
  },
  migrations: { "0001-webhooks": { up: createTables } },
};

const required = (column: ColumnDefinitionBuilder) => column.notNull();

async function createTables(db: Kysely<unknown>): Promise<void> {
  await createWebhooks(db);
  await createMessages(db);
  await createDeliveries(db);
  await db.schema
    .createTable("webhook_cursors")
    .addColumn("source", "text", (c) => c.notNull().primaryKey())
    .addColumn("cursor", "text", required)
    .addColumn("era", "integer", required)
    .execute();
  for (const index of indexes) await sql.raw(`create ${index}`).execute(db);
}

async function createWebhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("webhooks")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("owner", "text", required)
    .addColumn("integration_id", "text", (c) => c.references("integrations.id").onDelete("cascade"))
    .addColumn("organization_id", "text")
    .addColumn("url", "text", required)
    .addColumn("events", "text", required)
    .addColumn("metadata", "text", required)
    .addColumn("secret", "text")
    .addColumn("previous_secret", "text")
    .addColumn("previous_until", "text")
    .addColumn("key_fingerprint", "text")
    .addColumn("version", "integer", required)
    .addColumn("is_active", "integer", required)
    .addColumn("disabled_reason", "text")
    .addColumn("failing_since", "text")
    .addColumn("last_triggered_at", "text")
    .addColumn("created_at", "text", required)
    .addColumn("updated_at", "text", required)
    .execute();
}

async function createMessages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("webhook_messages")
    .addColumn("sequence", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("id", "text", required)
    .addColumn("event_key", "text", (c) => c.notNull().unique())
    .addColumn("type", "text", required)
    .addColumn("owner", "text", required)
    .addColumn("organization_id", "text")
    .addColumn("integration_id", "text")
    .addColumn("webhook_id", "text")
    .addColumn("happened_at", "text", required)
    .addColumn("data", "text", required)
    .addColumn("created_at", "text", required)
    .execute();
}

async function createDeliveries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("webhook_deliveries")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("webhook_id", "text", (c) => c.notNull().references("webhooks.id").onDelete("cascade"))
    .addColumn("message_sequence", "integer", (c) =>
      c.notNull().references("webhook_messages.sequence").onDelete("cascade"),
    )
    .addColumn("status", "text", required)
    .addColumn("attempts", "integer", required)
    .addColumn("response", "text")
    .addColumn("error", "text")
    .addColumn("delivered_at", "text")
    .addColumn("next_attempt_at", "text")
    .addColumn("created_at", "text", required)
    .execute();
}

const indexes = [
  // With the id, pages of a list are read in its order.
  "index webhooks_by_integration on webhooks (integration_id, id)",
  "index webhooks_by_organization on webhooks (organization_id, id)",
  "index webhooks_by_owner on webhooks (owner)",
  "index webhooks_by_key on webhooks (key_fingerprint)",
  "index webhook_messages_by_organization on webhook_messages (organization_id, happened_at, sequence)",
  "index webhook_messages_by_integration on webhook_messages (integration_id, happened_at, sequence)",
  "index webhook_messages_by_owner on webhook_messages (owner)",
  "index webhook_messages_by_creation on webhook_messages (created_at)",
  "unique index webhook_deliveries_by_message on webhook_deliveries (message_sequence, webhook_id)",
  "index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, created_at, id)",
  "index webhook_deliveries_by_status on webhook_deliveries (webhook_id, status, created_at, id)",
  `index webhook_deliveries_open on webhook_deliveries (status)
    where status = 'PENDING' or status = 'RETRYING'`,
];
