import type { OwnedTables } from "@cita/database";
import type { Generated, Kysely } from "kysely";

/** Run at start. Never edit a step that has been released: add one. */
export const agentKeyMigrations: OwnedTables = {
  owner: "agent_keys",
  tables: { agent_keys: "id" },
  migrations: { "0001-agent-keys": { up: createAgentKeys }, "0002-audiences": { up: addAudiences } },
};

/** `*_ms` are epoch milliseconds. */
export type AgentKeyTables = {
  agent_keys: {
    /** Ascends, and is never given twice. */
    id: Generated<number>;
    /** The customer whose agents use it; null: it is the platform's. */
    customer_id: string | null;
    name: string;
    /** `business` or `attendee`. */
    audience: string;
    /** SHA-256 of the whole key, in hex. */
    hash: string;
    last_characters: string;
    created_at_ms: number;
    /** null: it never expires. */
    expires_at_ms: number | null;
    last_used_at_ms: number | null;
    /** When a call under it last named an attendee; null: none has. */
    attendee_named_at_ms: number | null;
    revoked_at_ms: number | null;
  };
};

async function createAgentKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("agent_keys")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("customer_id", "text")
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull().unique())
    .addColumn("last_characters", "text", (c) => c.notNull())
    .addColumn("created_at_ms", "integer", (c) => c.notNull())
    .addColumn("expires_at_ms", "integer")
    .addColumn("last_used_at_ms", "integer")
    .addColumn("revoked_at_ms", "integer")
    .execute();
  await db.schema
    .createIndex("agent_keys_by_customer")
    .on("agent_keys")
    .columns(["customer_id", "id"])
    .execute();
}

/** Older keys become `business`, so that assistants that use them go on working. */
async function addAudiences(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("agent_keys")
    .addColumn("audience", "text", (c) => c.notNull().defaultTo("business"))
    .execute();
  await db.schema.alterTable("agent_keys").addColumn("attendee_named_at_ms", "integer").execute();
}
