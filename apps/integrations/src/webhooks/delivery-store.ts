/** Deliveries as they are stored: read by who sends them, and by who looks at them. */

import type { Database } from "@cita/database";
import type { EventLog, NewEvent } from "@cita/events";
import type { Job, JobQueue } from "@cita/events/jobs";
import type { KeyRing } from "@cita/token-store";
import { type Kysely, type Selectable, sql } from "kysely";
import { readObject, toDate, toText } from "../integrations/stored-values.ts";
import type { DeliveriesTable, MessagesTable, WebhookTables } from "./schema.ts";
import type { DeliveryStatus, ReceivedResponse, Webhook, WebhookDelivery } from "./webhook.ts";
import { openSecrets, toWebhook } from "./webhook-rows.ts";

export type DeliveryStore = {
  /** @returns undefined where it is gone with its webhook, or with its event. */
  findDue(id: string): Promise<DueDelivery | undefined>;
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

export type ConcludedAttempt = {
  readonly job: Job;
  readonly due: DueDelivery;
  readonly conclusion: Conclusion;
};

/** What follows from an attempt. */
export type Conclusion = {
  readonly response: ReceivedResponse | null;
  readonly error: string | null;
} & (
  | { readonly status: "DELIVERED" }
  /** `reason` is a code. `disabledReason`: the webhook is deactivated, with this sentence. */
  | { readonly status: "FAILED"; readonly reason: string; readonly disabledReason: string | null }
  | { readonly status: "RETRYING"; readonly afterMs: number }
);

export type DeliveryStoreDeps = {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly jobs: Pick<JobQueue, "finish" | "retry">;
  readonly events: Pick<EventLog, "transaction">;
  readonly now: () => Date;
};

type Db = Kysely<WebhookTables>;

const tablesOf = (db: Database): Db => db.withTables<WebhookTables>();

/** Written at each attempt, it would be what all deliveries of a webhook wait for. */
const triggeredPrecisionMs = 1_000;

/** The tables of `webhookMigrations` must exist. */
export function createDeliveryStore(deps: DeliveryStoreDeps): DeliveryStore {
  const db = tablesOf(deps.db);
  return {
    findDue: (id) => findDue(deps, id),

    conclude: (attempts) => concludeAll(deps, attempts),

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

async function findDue({ db: database, keys, now }: DeliveryStoreDeps, id: string) {
  const db = tablesOf(database);
  const row = await selectDeliveries(db).where("webhook_deliveries.id", "=", id).executeTakeFirst();
  if (row === undefined) return undefined;
  const webhook = await db
    .selectFrom("webhooks")
    .selectAll()
    .where("id", "=", row.webhook_id)
    .executeTakeFirst();
  if (webhook === undefined) return undefined;
  const delivery = toDelivery(row);
  return { delivery, webhook: toWebhook(webhook), openSecrets: () => openSecrets(keys, webhook, now()) };
}

async function concludeAll(
  deps: DeliveryStoreDeps,
  attempts: readonly ConcludedAttempt[],
): Promise<boolean[]> {
  // In one order everywhere, so that two processes don't wait for each other's webhooks.
  const inOrder = attempts.toSorted((a, b) => (a.due.webhook.id < b.due.webhook.id ? -1 : 1));
  const isOurs = new Map<ConcludedAttempt, boolean>();
  await deps.events.transaction(async (trx, append) => {
    const events: NewEvent[] = [];
    for (const attempt of inOrder)
      isOurs.set(attempt, await conclude(deps, trx, (event) => events.push(event), attempt));
    // At the end: from the first event on, in PostgreSQL, readers of the log wait for the commit.
    for (const event of events) await append(event);
  });
  return attempts.map((attempt) => isOurs.get(attempt) === true);
}

async function conclude(
  { jobs, now }: DeliveryStoreDeps,
  trx: Database,
  tell: (event: NewEvent) => void,
  { job, due: { delivery, webhook }, conclusion }: ConcludedAttempt,
): Promise<boolean> {
  const at = now();
  const attempts = delivery.attempts + 1;
  const isOurs =
    conclusion.status === "RETRYING"
      ? await jobs.retry(trx, job, conclusion.afterMs)
      : await jobs.finish(trx, job);
  if (!isOurs) return false;
  await noteAttempt(tablesOf(trx), webhook, conclusion, at);
  const { numUpdatedRows } = await tablesOf(trx)
    .updateTable("webhook_deliveries")
    .set({ ...toColumns(conclusion, at), attempts })
    .where("id", "=", delivery.id)
    .executeTakeFirstOrThrow();
  // Of what was removed meanwhile nothing is told.
  if (numUpdatedRows === 0n || conclusion.status === "RETRYING") return true;
  const { owner } = webhook;
  const data = {
    ...{ webhook_id: webhook.id, delivery_id: delivery.id, event: delivery.event, attempts },
    user_id: "userId" in owner ? owner.userId : null,
  };
  const customerId = "organizationId" in owner ? owner.organizationId : null;
  tell(
    conclusion.status === "DELIVERED"
      ? { customerId, kind: "webhook.delivered", data }
      : {
          ...{ customerId, kind: "webhook.failed" },
          data: { ...data, reason: conclusion.reason, is_disabled: conclusion.disabledReason !== null },
        },
  );
  return true;
}

function toColumns(conclusion: Conclusion, at: Date) {
  const { status, response, error } = conclusion;
  const nextAt = status === "RETRYING" ? new Date(at.getTime() + conclusion.afterMs) : null;
  return {
    ...{ status, error, response: response === null ? null : JSON.stringify(response) },
    delivered_at: status === "DELIVERED" ? at.toISOString() : null,
    next_attempt_at: toText(nextAt),
  };
}

/** What an attempt says of its webhook. Before the delivery is written, as whoever deletes a webhook locks both. */
async function noteAttempt(db: Db, webhook: Webhook, conclusion: Conclusion, at: Date): Promise<void> {
  const time = at.toISOString();
  const update = db.updateTable("webhooks").where("id", "=", webhook.id);
  if (conclusion.status === "DELIVERED") {
    if (!isWorthNoting(webhook, at)) return;
    await update.set({ last_triggered_at: time, failing_since: null }).execute();
    return;
  }
  const disabledReason = conclusion.status === "FAILED" ? conclusion.disabledReason : null;
  await update
    .set({
      last_triggered_at: time,
      failing_since: sql<string>`coalesce(failing_since, ${time})`,
      ...(disabledReason !== null && { is_active: 0, disabled_reason: disabledReason, updated_at: time }),
    })
    .execute();
}

/** Whether a success says anything new. A clock that was set back is ahead of nothing. */
function isWorthNoting({ failingSince, lastTriggeredAt }: Webhook, at: Date): boolean {
  const agoMs = at.getTime() - (lastTriggeredAt?.getTime() ?? 0);
  return failingSince !== null || agoMs < 0 || agoMs > triggeredPrecisionMs;
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
