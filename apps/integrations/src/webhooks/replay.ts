/** Sends again what a webhook was told, or would have been told, under the ids that it had. */

import { randomUUID } from "node:crypto";
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { type Database, rowLock, slices, valueList } from "@cita/database";
import type { JobQueue } from "@cita/events/jobs";
import { type Kysely, sql } from "kysely";
import { passesFilter } from "./event-filter.ts";
import type { WebhookTables } from "./schema.ts";
import type { Webhook, WebhookDelivery } from "./webhook.ts";

export type Replay = {
  /** Sends one delivery again, or at once where it waits. */
  one(delivery: WebhookDelivery): Promise<void>;
  /**
   * Sends everything that has happened since a time and that the webhook subscribes to, whether or not it was sent.
   * @returns how many deliveries that are; undefined where the webhook was deleted meanwhile
   */
  since(webhook: Webhook, since: Date): Promise<number | undefined>;
};

type ReplayDeps = {
  readonly db: Database;
  readonly jobs: Pick<JobQueue, "add">;
  readonly now: () => Date;
};

type Db = Kysely<WebhookTables>;

const tablesOf = (db: Database): Db => db.withTables<WebhookTables>();

/** In one transaction, which other writers wait for. */
const messagesAtOnce = 200;

/** The tables of `webhookMigrations` must exist. */
export function createReplay(deps: ReplayDeps): Replay {
  const { db, jobs } = deps;
  return {
    one: ({ id, webhookId }) =>
      db.transaction().execute(async (trx) => {
        await holdWebhook(trx, webhookId);
        const { numUpdatedRows } = await tablesOf(trx)
          .updateTable("webhook_deliveries")
          .set(begunAgain)
          .where("id", "=", id)
          .where("status", "in", ["DELIVERED", "FAILED"])
          .executeTakeFirstOrThrow();
        // One that waits for its next attempt has a job, which becomes due.
        if (numUpdatedRows === 1n || (await isOpen(trx, id)))
          await jobs.add(trx, [{ key: id, lane: webhookId }]);
      }),

    async since(webhook, since) {
      let replayed = 0;
      let after: Position = { happened_at: since.toISOString(), sequence: 0 };
      for (; ; await yieldToOthers()) {
        const messages = await readMessages(tablesOf(db), webhook, after);
        const last = messages.at(-1);
        if (last === undefined) return replayed;
        after = last;
        const wanted = messages.filter(({ type }) => passesFilter(webhook.events, type));
        replayed += wanted.length;
        const isThere = await db.transaction().execute(async (trx) => {
          if (!(await holdWebhook(trx, webhook.id))) return false;
          await replayMessages(deps, trx, webhook, wanted);
          return true;
        });
        if (!isThere) return undefined;
      }
    },
  };
}

/** As if it had never been attempted. */
const begunAgain = {
  ...{ status: "PENDING", attempts: 0, response: null, error: null },
  ...{ delivered_at: null, next_attempt_at: null },
};

async function isOpen(trx: Database, id: string): Promise<boolean> {
  const row = await tablesOf(trx)
    .selectFrom("webhook_deliveries")
    .select("status")
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.status === "PENDING" || row?.status === "RETRYING";
}

type Position = { readonly happened_at: string; readonly sequence: number };

function readMessages(db: Db, { subject }: Webhook, after: Position) {
  const messages = db.selectFrom("webhook_messages");
  const ofSubject =
    "integrationId" in subject
      ? messages.where("integration_id", "=", subject.integrationId)
      : messages.where("organization_id", "=", subject.organizationId);
  return ofSubject
    .select(["sequence", "type", "happened_at"])
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple("happened_at", "sequence"), ">", tuple(after.happened_at, after.sequence)),
    )
    .orderBy("happened_at")
    .orderBy("sequence")
    .limit(messagesAtOnce)
    .execute();
}

/** Whether it is there. Until the transaction's end nobody deletes it or writes what its attempts have come to. */
async function holdWebhook(trx: Database, id: string): Promise<boolean> {
  const row = await tablesOf(trx)
    .selectFrom("webhooks")
    .select("id")
    .where("id", "=", id)
    .modifyEnd(rowLock(trx, "for update"))
    .executeTakeFirst();
  return row !== undefined;
}

/** A delivery that waits, or is being attempted, stays what it is and becomes due. */
async function replayMessages(
  { jobs, now }: ReplayDeps,
  trx: Database,
  { id: webhookId }: Webhook,
  messages: readonly { readonly sequence: number }[],
): Promise<void> {
  const isOver = sql<boolean>`webhook_deliveries.status in ('DELIVERED', 'FAILED')`;
  const created_at = now().toISOString();
  const rows = messages.map(({ sequence }) => ({
    ...{ id: randomUUID(), webhook_id: webhookId, message_sequence: sequence },
    ...{ ...begunAgain, created_at },
  }));
  for (const some of slices(rows))
    await tablesOf(trx)
      .insertInto("webhook_deliveries")
      .values(some)
      .onConflict((conflict) =>
        conflict.columns(["message_sequence", "webhook_id"]).doUpdateSet(begunAgain).where(isOver),
      )
      .execute();
  const sequences = valueList(
    trx,
    "integer",
    messages.map(({ sequence }) => sequence),
  );
  const deliveries = await tablesOf(trx)
    .selectFrom("webhook_deliveries")
    .select("id")
    .where("webhook_id", "=", webhookId)
    .where(sql<boolean>`message_sequence in ${sequences}`)
    .execute();
  await jobs.add(
    trx,
    deliveries.map(({ id }) => ({ key: id, lane: webhookId })),
  );
}
