/** What receivers are told, stored with its deliveries in one transaction with how far the log was read. */

import { randomUUID } from "node:crypto";
import { type Database, exclusively, rowLock, slices, valueList } from "@cita/database";
import type { JobQueue } from "@cita/events/jobs";
import { type Kysely, sql } from "kysely";
import { ownerOf } from "../integrations/integration-rows.ts";
import { readList } from "../integrations/stored-values.ts";
import { passesFilter } from "./event-filter.ts";
import type { WebhookTables } from "./schema.ts";
import type { PublicEvent } from "./to-public-event.ts";
import type { Webhook } from "./webhook.ts";
import { writeOwner } from "./webhook-rows.ts";

export type MessageStore = {
  /** How far a log has been read; undefined: its reading hasn't begun. */
  cursor(source: string): Promise<string | undefined>;
  /** Begins to read a log, unless somebody has. */
  begin(source: string, cursor: string): Promise<void>;
  /** Begins anew where the log is another one by now, unless somebody has. */
  beginAnew(source: string, from: string, cursor: string): Promise<void>;
  /**
   * Stores the events that were read behind a cursor for the webhooks that there are, and where to read on.
   * @returns false where somebody has read on from there: nothing was stored.
   */
  store(page: { source: string; from: string; to: string; events: readonly PublicEvent[] }): Promise<boolean>;
  /** Sends a webhook a test event. @returns the delivery's id */
  storeTest(webhook: Webhook): Promise<string>;
  /** Deletes what was stored before a time, with its deliveries. @returns how much */
  purge(before: Date, limit: number): Promise<number>;
};

export type MessageStoreDeps = {
  readonly db: Database;
  readonly jobs: Pick<JobQueue, "add">;
  readonly now: () => Date;
};

type Db = Kysely<WebhookTables>;

const tablesOf = (db: Database): Db => db.withTables<WebhookTables>();

/** The tables of `webhookMigrations` must exist. */
export function createMessageStore(deps: MessageStoreDeps): MessageStore {
  const { db: database } = deps;
  const db = tablesOf(database);
  return {
    async cursor(source) {
      const row = await db
        .selectFrom("webhook_cursors")
        .select("cursor")
        .where("source", "=", source)
        .executeTakeFirst();
      return row?.cursor;
    },

    async begin(source, cursor) {
      await db
        .insertInto("webhook_cursors")
        .values({ source, cursor, era: 1 })
        .onConflict((conflict) => conflict.column("source").doNothing())
        .execute();
    },

    async beginAnew(source, from, cursor) {
      await db
        .updateTable("webhook_cursors")
        .set({ cursor, era: sql<number>`era + 1` })
        .where("source", "=", source)
        .where("cursor", "=", from)
        .execute();
    },

    store: (page) =>
      exclusively(database, `webhook messages of ${page.source}`, (trx) => store(deps, trx, page)),

    storeTest: (webhook) => database.transaction().execute((trx) => storeTest(deps, trx, webhook)),

    async purge(before, limit) {
      const old = db
        .selectFrom("webhook_messages")
        .select("sequence")
        .where("created_at", "<", before.toISOString())
        .orderBy("created_at")
        .limit(limit)
        .modifyEnd(rowLock(db, "for update skip locked"));
      const { numDeletedRows } = await db
        .with("old", () => old)
        .deleteFrom("webhook_messages")
        .where("sequence", "in", (eb) => eb.selectFrom("old").select("sequence"))
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

async function store(
  deps: MessageStoreDeps,
  trx: Database,
  { source, from, to, events }: Parameters<MessageStore["store"]>[0],
): Promise<boolean> {
  const read = await tablesOf(trx)
    .updateTable("webhook_cursors")
    .set({ cursor: to })
    .where("source", "=", source)
    .where("cursor", "=", from)
    .returning("era")
    .executeTakeFirst();
  if (read === undefined) return false;
  const webhooks = await findWebhooks(trx, events);
  // Who subscribes later can have what is stored replayed. Without any webhook nobody could.
  const told = events
    .map((event) => ({ event, webhooks: webhooks.filter((one) => isAbout(one, event)) }))
    .filter((one) => one.webhooks.length > 0);
  if (told.length === 0) return true;
  const at = deps.now().toISOString();
  const keyOf = ({ id }: PublicEvent) => `${source}/${read.era}/${id}`;
  const sequences = await insertMessages(
    trx,
    told.map(({ event }) => toMessageRow(event, keyOf(event), at)),
  );
  const deliveries = told.flatMap(({ event, webhooks: subscribed }) => {
    const sequence = sequences.get(keyOf(event));
    if (sequence === undefined) return [];
    return subscribed
      .filter((one) => one.isActive && passesFilter(one.events, event.type))
      .map(({ id }) => ({ webhookId: id, sequence }));
  });
  await insertDeliveries(deps, trx, deliveries, at);
  return true;
}

/** Whom an event may be told to. They are there until the transaction ends, so that nothing is stored for who is gone. */
async function findWebhooks(trx: Database, events: readonly PublicEvent[]) {
  const columns = ["organization_id", "integration_id"] as const;
  const named = {
    organization_id: events.flatMap(({ organizationId }) => organizationId ?? []),
    integration_id: events.flatMap(({ integrationId }) => integrationId ?? []),
  };
  const rows = [];
  // Each by its own index.
  for (const column of columns)
    if (named[column].length > 0)
      rows.push(
        ...(await tablesOf(trx)
          .selectFrom("webhooks")
          .select(["id", "integration_id", "organization_id", "events", "is_active"])
          .where(sql<boolean>`${sql.ref(column)} in ${valueList(trx, "text", named[column])}`)
          .modifyEnd(rowLock(trx, "for key share"))
          .execute()),
      );
  return rows.map((row) => ({ ...row, events: readList(row.events), isActive: row.is_active === 1 }));
}

type Subscribed = Awaited<ReturnType<typeof findWebhooks>>[number];

function isAbout({ integration_id, organization_id }: Subscribed, event: PublicEvent): boolean {
  return integration_id === null
    ? organization_id === event.organizationId
    : integration_id === event.integrationId;
}

function toMessageRow(event: PublicEvent, eventKey: string, at: string) {
  const { type, data, organizationId, integrationId, userId } = event;
  return {
    ...{ id: randomUUID(), event_key: eventKey, type, data: JSON.stringify(data) },
    owner: ownerOf({ userId: userId ?? "", organizationId }),
    ...{ organization_id: organizationId, integration_id: integrationId, webhook_id: null },
    ...{ happened_at: event.at, created_at: at },
  };
}

/** @returns the sequences of those that there weren't, by their keys */
async function insertMessages(
  trx: Database,
  rows: readonly ReturnType<typeof toMessageRow>[],
): Promise<Map<string, number>> {
  const sequences = new Map<string, number>();
  for (const some of slices(rows)) {
    const messages = await tablesOf(trx)
      .insertInto("webhook_messages")
      .values(some)
      .onConflict((conflict) => conflict.column("event_key").doNothing())
      .returning(["sequence", "event_key"])
      .execute();
    for (const { event_key, sequence } of messages) sequences.set(event_key, sequence);
  }
  return sequences;
}

type NewDelivery = { readonly webhookId: string; readonly sequence: number };

/** Inserts deliveries with their jobs. @returns their ids */
async function insertDeliveries(
  { jobs }: MessageStoreDeps,
  trx: Database,
  deliveries: readonly NewDelivery[],
  at: string,
): Promise<string[]> {
  const rows = deliveries.map(({ webhookId, sequence }) => ({
    ...{ id: randomUUID(), webhook_id: webhookId, message_sequence: sequence, status: "PENDING" },
    ...{
      attempts: 0,
      response: null,
      error: null,
      delivered_at: null,
      next_attempt_at: null,
      created_at: at,
    },
  }));
  for (const some of slices(rows))
    await tablesOf(trx).insertInto("webhook_deliveries").values(some).execute();
  await jobs.add(
    trx,
    rows.map(({ id, webhook_id }) => ({ key: id, lane: webhook_id })),
  );
  return rows.map(({ id }) => id);
}

async function storeTest(deps: MessageStoreDeps, trx: Database, webhook: Webhook): Promise<string> {
  const at = deps.now().toISOString();
  const { sequence } = await tablesOf(trx)
    .insertInto("webhook_messages")
    .values({
      ...{ id: randomUUID(), event_key: `test/${randomUUID()}`, type: "webhook.test" },
      ...{ owner: writeOwner(webhook.owner), organization_id: null, integration_id: null },
      ...{ webhook_id: webhook.id, happened_at: at, created_at: at },
      data: JSON.stringify({ webhookId: webhook.id }),
    })
    .returning("sequence")
    .executeTakeFirstOrThrow();
  const [id] = await insertDeliveries(deps, trx, [{ webhookId: webhook.id, sequence }], at);
  return id ?? "";
}
