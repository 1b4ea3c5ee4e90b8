/** Deliveries as they are stored: read by who sends them, and by who looks at them. */

import { type Database, valueList } from "@cita/database";
import type { EventLog } from "@cita/events";
import type { JobQueue } from "@cita/events/jobs";
import type { KeyRing } from "@cita/token-store";
import { type Kysely, type Selectable, sql } from "kysely";
import { readObject, toDate } from "../integrations/stored-values.ts";
import { type ConcludedAttempt, concludeAttempts } from "./conclude-attempts.ts";
import type { DeliveriesTable, MessagesTable, WebhookTables } from "./schema.ts";
import type { DeliveryStatus, ReceivedResponse, Webhook, WebhookDelivery } from "./webhook.ts";
import { openSecrets, toWebhook } from "./webhook-rows.ts";

export type DeliveryStore = {
  /** @returns of each id its delivery; undefined where it is gone with its webhook, or with its event. */
  findDue(ids: readonly string[]): Promise<(DueDelivery | undefined)[]>;
  /**
   * Writes what attempts have come to, with their events, and finishes or retries their jobs, in one transaction.
   * @returns of each, false where somebody else has taken the job since: nothing was written.
   */
  conclude(attempts: readonly ConcludedAttempt[]): Promise<boolean[]>;
  find(id: string): Promise<WebhookDelivery | undefined>;
  /** Newest first. */
  list(filter: {
    readonly webhookId: string;
    readonly status?: DeliveryStatus | undefined;
    /** Those before this one. */
    readonly before?: string | undefined;
    readonly limit: number;
  }): Promise<WebhookDelivery[]>;
  /** How many are owed. */
  countOpen(): Promise<readonly { readonly status: string; readonly count: number }[]>;
};

export type DueDelivery = {
  readonly delivery: WebhookDelivery;
  readonly webhook: Webhook;
  /** The secrets that sign now. @throws SealError */
  openSecrets(): readonly string[];
};

export type DeliveryStoreDeps = {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly jobs: Pick<JobQueue, "finish" | "retry">;
  readonly events: Pick<EventLog, "transaction">;
  readonly now: () => Date;
};

type Db = Kysely<WebhookTables>;

const tablesOf = (db: Database): Db => db.withTables<WebhookTables>();

/** The tables of `webhookMigrations` must exist. */
export function createDeliveryStore(deps: DeliveryStoreDeps): DeliveryStore {
  const db = tablesOf(deps.db);
  return {
    findDue: (ids) => findDue(deps, ids),

    conclude: (attempts) => concludeAttempts(deps, attempts),

    async find(id) {
      const row = await selectDeliveries(db).where("webhook_deliveries.id", "=", id).executeTakeFirst();
      return row && toDelivery(row);
    },

    list: (filter) => listDeliveries(db, filter),

    countOpen: () =>
      db
        .selectFrom("webhook_deliveries")
        .select(({ fn }) => ["status", fn.countAll<number>().as("count")])
        // The condition of an index, which SQLite requires literally.
        .where(sql<boolean>`(status = 'PENDING' or status = 'RETRYING')`)
        .groupBy("status")
        .execute(),
  };
}

const selectDeliveries = (db: Db) =>
  db
    .selectFrom("webhook_deliveries")
    .innerJoin("webhook_messages", "webhook_messages.sequence", "webhook_deliveries.message_sequence")
    .selectAll("webhook_deliveries")
    .select(["webhook_messages.id as message_id", "webhook_messages.type", "webhook_messages.data"])
    .select(["webhook_messages.happened_at"]);

type Row = Selectable<DeliveriesTable> &
  Pick<Selectable<MessagesTable>, "type" | "data" | "happened_at"> & { readonly message_id: string };

function toDelivery(row: Row): WebhookDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    messageId: row.message_id,
    event: row.type,
    body: toBody(row),
    status: row.status as DeliveryStatus,
    attempts: row.attempts,
    response: row.response === null ? null : toResponse(row.response),
    error: row.error,
    deliveredAt: toDate(row.delivered_at),
    nextAttemptAt: toDate(row.next_attempt_at),
    createdAt: new Date(row.created_at),
  };
}

/** To the byte the same at each attempt. */
function toBody({ type, happened_at, data, message_sequence }: Row): string {
  return JSON.stringify({
    ...{ type, timestamp: happened_at },
    data: { sequence: message_sequence, ...readObject(data) },
  });
}

function toResponse(text: string): ReceivedResponse | null {
  const { status, body } = readObject<unknown>(text);
  return typeof status === "number" && typeof body === "string" ? { status, body } : null;
}

async function findDue({ db: database, keys, now }: DeliveryStoreDeps, ids: readonly string[]) {
  const db = tablesOf(database);
  const rows = await selectDeliveries(db)
    .where(sql<boolean>`webhook_deliveries.id in ${valueList(database, "text", ids)}`)
    .execute();
  const webhookIds = [...new Set(rows.map((row) => row.webhook_id))];
  const webhooks = await db
    .selectFrom("webhooks")
    .selectAll()
    .where(sql<boolean>`id in ${valueList(database, "text", webhookIds)}`)
    .execute();
  const at = now();
  const due = rows.flatMap((row) => {
    const webhook = webhooks.find(({ id }) => id === row.webhook_id);
    if (webhook === undefined) return [];
    return {
      delivery: toDelivery(row),
      webhook: toWebhook(webhook),
      openSecrets: () => openSecrets(keys, webhook, at),
    };
  });
  const byId = new Map(due.map((one) => [one.delivery.id, one]));
  return ids.map((id) => byId.get(id));
}

async function listDeliveries(
  db: Db,
  { webhookId, status, before, limit }: Parameters<DeliveryStore["list"]>[0],
): Promise<WebhookDelivery[]> {
  let query = selectDeliveries(db).where("webhook_deliveries.webhook_id", "=", webhookId);
  if (status !== undefined) query = query.where("webhook_deliveries.status", "=", status);
  if (before !== undefined) {
    const last = await db
      .selectFrom("webhook_deliveries")
      .select("created_at")
      .where("id", "=", before)
      .where("webhook_id", "=", webhookId)
      .executeTakeFirst();
    // Purged meanwhile, and with it what is older.
    if (last === undefined) return [];
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple("webhook_deliveries.created_at", "webhook_deliveries.id"),
        "<",
        tuple(last.created_at, before),
      ),
    );
  }
  const rows = await query
    .orderBy("webhook_deliveries.created_at", "desc")
    .orderBy("webhook_deliveries.id", "desc")
    .limit(limit)
    .execute();
  return rows.map(toDelivery);
}
