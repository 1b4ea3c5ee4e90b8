import { engineName, type OwnedTables } from "@cita/database";
import { type Generated, type Kysely, sql } from "kysely";
import { makeLogId } from "./cursor.ts";

/**
 * Run at start. Never edit a step that has been released: add one. Until 0.1.0 the log was the table `activity`, so the
 * set keeps that name and its first two steps, which have nothing to do in PostgreSQL.
 */
export const eventMigrations: OwnedTables = {
  owner: "activity",
  tables: { events: "id", event_log: "id" },
  seeded: ["event_log"],
  migrations: {
    "0001-activity": { up: createActivity },
    "0002-platform": { up: letCustomerBeMissing },
    "0003-events": { up: turnIntoEvents },
    "0004-actors": { up: addActors },
  },
};

export type EventTables = {
  events: {
    /** Ascends, and is never given twice. The order of commits is another one in PostgreSQL: see `event-ids.ts`. */
    id: Generated<number>;
    at: string;
    /** null: it is about the platform itself. */
    customer_id: string | null;
    kind: string;
    /** A JSON object. */
    data: string;
    /** See `StoredEvent.actor`. */
    actor: string | null;
    /** See `NewEvent.once`; null: stored as often as it happens. */
    once: string | null;
  };
  /** One row. */
  event_log: { id: string };
};

async function createActivity(db: Kysely<unknown>): Promise<void> {
  if (engineName(db) === "postgres") return;
  await db.schema
    .createTable("activity")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("at", "text", (c) => c.notNull())
    .addColumn("customer_id", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("detail", "text", (c) => c.notNull())
    .addColumn("once", "text", (c) => c.unique())
    .execute();
  await db.schema.createIndex("activity_by_customer").on("activity").columns(["customer_id", "id"]).execute();
}

/** Makes `customer_id` nullable, for the platform's agent keys. SQLite can't do that without a new table. */
async function letCustomerBeMissing(db: Kysely<unknown>): Promise<void> {
  if (engineName(db) === "postgres") return;
  await db.schema.dropIndex("activity_by_customer").execute();
  await db.schema.alterTable("activity").renameTo("activity_before").execute();
  await db.schema
    .createTable("activity")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("at", "text", (c) => c.notNull())
    .addColumn("customer_id", "text")
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("detail", "text", (c) => c.notNull())
    .addColumn("once", "text", (c) => c.unique())
    .execute();
  await sql`insert into activity (id, at, customer_id, kind, detail, once)
    select id, at, customer_id, kind, detail, once from activity_before`.execute(db);
  await db.schema.dropTable("activity_before").execute();
  await db.schema.createIndex("activity_by_customer").on("activity").columns(["customer_id", "id"]).execute();
}

async function turnIntoEvents(db: Kysely<unknown>): Promise<void> {
  if (engineName(db) === "postgres") await createEvents(db);
  else await convertActivity(db);
  await db.schema.createIndex("events_by_customer").on("events").columns(["customer_id", "id"]).execute();
  await db.schema
    .createTable("event_log")
    .addColumn("id", "text", (c) => c.notNull())
    .execute();
  await sql`insert into event_log (id) values (${makeLogId()})`.execute(db);
}

async function addActors(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("events").addColumn("actor", "text").execute();
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("events")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("at", "text", (c) => c.notNull())
    .addColumn("customer_id", "text")
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("data", "text", (c) => c.notNull())
    .addColumn("once", "text", (c) => c.unique())
    .execute();
}

/** The table is renamed, which keeps its ids and the next one. Details become data as `eventKinds` describes it. */
async function convertActivity(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex("activity_by_customer").execute();
  await db.schema.alterTable("activity").renameTo("events").execute();
  await db.schema.alterTable("events").renameColumn("detail", "data").execute();
  for (const { kinds, data } of rewritten) {
    // What was spoilt on the disk may have an address in it, too, and is passed over by whoever reads it.
    await sql`update events set data = case when json_valid(data) then ${data} else '' end
      where kind in (${sql.join(kinds)})`.execute(db);
  }
}

const attemptKinds = [
  "connected",
  "consent_access_denied",
  "consent_scope_missing",
  "consent_wrong_account",
  "consent_no_refresh_token",
  "consent_exchange_failed",
];

/** Until 0.1.0 there was one provider. Addresses, names and calendars (whose ids are addresses) go. */
const rewritten = [
  {
    kinds: attemptKinds,
    data: sql`json_set(json_remove(data, '$.account_email'), '$.provider', 'google', '$.attempt_id', null)`,
  },
  { kinds: ["reconnect_required"], data: sql`json_set(data, '$.provider', 'google')` },
  {
    kinds: ["disconnected"],
    data: sql`json_object('provider', 'google', 'revoked',
      json(iif(json_extract(data, '$.revoked_at_google'), 'true', 'false')))`,
  },
  {
    kinds: ["calendar_state_changed"],
    data: sql`json_set(
      iif(json_extract(data, '$.calendar') is null, data, json_remove(data, '$.calendar', '$.message')),
      '$.provider', 'google', '$.since', at, '$.reason', null,
      '$.one_calendar', json(iif(json_extract(data, '$.calendar') is null, 'false', 'true')))`,
  },
  { kinds: ["cancellations_stopped"], data: sql`json_remove(data, '$.message')` },
  {
    // Keys that were made before there were audiences are of the business.
    kinds: ["agent_key_created"],
    data: sql`json_insert(json_remove(data, '$.name', '$.last_characters'), '$.audience', 'business')`,
  },
  { kinds: ["agent_key_revoked"], data: sql`json_remove(data, '$.name', '$.last_characters')` },
];
