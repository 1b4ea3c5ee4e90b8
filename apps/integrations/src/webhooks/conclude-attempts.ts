/** What attempts have come to, written with their events in one transaction. */

import { type Database, rowList, rowLock, valueList } from "@cita/database";
import type { EventLog, NewEvent } from "@cita/events";
import type { FailedJob, Job, JobQueue } from "@cita/events/jobs";
import { type Kysely, sql } from "kysely";
import { toText } from "../integrations/stored-values.ts";
import type { DueDelivery } from "./delivery-store.ts";
import type { WebhookTables } from "./schema.ts";
import type { ReceivedResponse, Webhook } from "./webhook.ts";

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

type Deps = {
  readonly jobs: Pick<JobQueue, "finish" | "retry">;
  readonly events: Pick<EventLog, "transaction">;
  readonly now: () => Date;
};

type Db = Kysely<WebhookTables>;

/** Written at each attempt, it would be what all deliveries of a webhook wait for. */
const triggeredPrecisionMs = 1_000;

/** @returns of each, false where somebody else has taken the job since: nothing was written. */
export async function concludeAttempts(
  { jobs, events, now }: Deps,
  attempts: readonly ConcludedAttempt[],
): Promise<boolean[]> {
  const ours = await events.transaction(async (trx, append) => {
    const at = now();
    const db = trx.withTables<WebhookTables>();
    await holdWebhooks(db, attempts);
    const concluded = await settleJobs(jobs, trx, attempts);
    await noteAttempts(db, concluded, at);
    const written = await writeDeliveries(db, concluded, at);
    // Of what was removed meanwhile nothing is told.
    const told = concluded.filter(({ due }) => written.has(due.delivery.id)).flatMap(toEvent);
    // At the end: from the first event on, in PostgreSQL, readers of the log wait for the commit.
    if (told.length > 0) await append(...told);
    return new Set(concluded);
  });
  return attempts.map((attempt) => ours.has(attempt));
}

/**
 * Whoever deletes a webhook, or has its past replayed, locks it before its jobs and deliveries, too: so that nobody waits for
 * a row of somebody who waits for one of his.
 */
async function holdWebhooks(db: Db, attempts: readonly ConcludedAttempt[]): Promise<void> {
  const ids = [...new Set(attempts.map(({ due }) => due.webhook.id))];
  await db
    .selectFrom("webhooks")
    .select("id")
    .where(sql<boolean>`id in ${valueList(db, "text", ids)}`)
    .orderBy("id")
    .modifyEnd(rowLock(db, "for key share"))
    .execute();
}

/** @returns those whose jobs nobody else has taken since */
async function settleJobs(
  jobs: Deps["jobs"],
  trx: Database,
  attempts: readonly ConcludedAttempt[],
): Promise<ConcludedAttempt[]> {
  const done: Job[] = [];
  const failed: FailedJob[] = [];
  const latest = latestOfEachJob(attempts);
  for (const { job, conclusion } of latest)
    if (conclusion.status === "RETRYING") failed.push({ ...job, afterMs: conclusion.afterMs });
    else done.push(job);
  const settled = new Set([...(await jobs.finish(trx, done)), ...(await jobs.retry(trx, failed))]);
  return latest.filter(({ job }) => settled.has(job.id));
}

/** A process that stood still for longer than a lease has two attempts of one job: only the second has the lease. */
function latestOfEachJob(attempts: readonly ConcludedAttempt[]): ConcludedAttempt[] {
  const latest = new Map<number, ConcludedAttempt>();
  for (const attempt of attempts) {
    const other = latest.get(attempt.job.id);
    if (other === undefined || other.job.attempts < attempt.job.attempts) latest.set(attempt.job.id, attempt);
  }
  return [...latest.values()];
}

/** What attempts say of their webhooks, in one order everywhere, so that two processes don't wait for each other's. */
async function noteAttempts(db: Db, attempts: readonly ConcludedAttempt[], at: Date): Promise<void> {
  const byWebhook = Map.groupBy(attempts, ({ due }) => due.webhook.id);
  for (const id of [...byWebhook.keys()].sort()) await noteAttemptsOf(db, id, byWebhook.get(id) ?? [], at);
}

async function noteAttemptsOf(
  db: Db,
  webhookId: string,
  attempts: readonly ConcludedAttempt[],
  at: Date,
): Promise<void> {
  const isDelivered = ({ conclusion }: ConcludedAttempt) => conclusion.status === "DELIVERED";
  if (attempts.every((one) => isDelivered(one) && !isWorthNoting(one.due.webhook, at))) return;
  const time = at.toISOString();
  const failingSince = attempts.some(isDelivered)
    ? sql<string>`${time}`
    : sql<string>`coalesce(failing_since, ${time})`;
  const disabledReason = attempts.map(reasonToDisable).find((reason) => reason !== null);
  await db
    .updateTable("webhooks")
    .set({
      last_triggered_at: time,
      failing_since: attempts.at(-1)?.conclusion.status === "DELIVERED" ? null : failingSince,
      ...(disabledReason !== undefined && {
        is_active: 0,
        disabled_reason: disabledReason,
        updated_at: time,
      }),
    })
    .where("id", "=", webhookId)
    .execute();
}

const reasonToDisable = ({ conclusion }: ConcludedAttempt): string | null =>
  conclusion.status === "FAILED" ? conclusion.disabledReason : null;

/** Whether a success says anything new. A clock that was set back is ahead of nothing. */
function isWorthNoting({ failingSince, lastTriggeredAt }: Webhook, at: Date): boolean {
  const agoMs = at.getTime() - (lastTriggeredAt?.getTime() ?? 0);
  return failingSince !== null || agoMs < 0 || agoMs > triggeredPrecisionMs;
}

const columns = {
  id: "text",
  status: "text",
  attempts: "integer",
  response: "text",
  error: "text",
  delivered_at: "text",
  next_attempt_at: "text",
} as const;

/** @returns the ids of those that are still there */
async function writeDeliveries(
  db: Db,
  attempts: readonly ConcludedAttempt[],
  at: Date,
): Promise<Set<string>> {
  if (attempts.length === 0) return new Set();
  const rows = attempts.map((attempt) => toRow(attempt, at));
  const written = await db
    .updateTable("webhook_deliveries")
    .from(rowList(db, columns, rows).as("row"))
    .set(({ ref }) => ({
      ...{ status: ref("row.status"), attempts: ref("row.attempts"), response: ref("row.response") },
      ...{ error: ref("row.error"), delivered_at: ref("row.delivered_at") },
      next_attempt_at: ref("row.next_attempt_at"),
    }))
    .whereRef("webhook_deliveries.id", "=", "row.id")
    .returning("webhook_deliveries.id")
    .execute();
  return new Set(written.map(({ id }) => id));
}

function toRow({ due: { delivery }, conclusion }: ConcludedAttempt, at: Date) {
  const { status, response, error } = conclusion;
  const nextAt = status === "RETRYING" ? new Date(at.getTime() + conclusion.afterMs) : null;
  return {
    ...{ id: delivery.id, status, attempts: delivery.attempts + 1, error },
    response: response === null ? null : JSON.stringify(response),
    delivered_at: status === "DELIVERED" ? at.toISOString() : null,
    next_attempt_at: toText(nextAt),
  };
}

/** What is told of an attempt that ended its delivery; nothing of others. */
function toEvent({ due: { delivery, webhook }, conclusion }: ConcludedAttempt): NewEvent[] {
  if (conclusion.status === "RETRYING") return [];
  const { owner } = webhook;
  const data = {
    ...{ webhook_id: webhook.id, delivery_id: delivery.id, event: delivery.event },
    ...{ attempts: delivery.attempts + 1, user_id: "userId" in owner ? owner.userId : null },
  };
  const customerId = "organizationId" in owner ? owner.organizationId : null;
  if (conclusion.status === "DELIVERED") return [{ customerId, kind: "webhook.delivered", data }];
  const { reason, disabledReason } = conclusion;
  return [
    { customerId, kind: "webhook.failed", data: { ...data, reason, is_disabled: disabledReason !== null } },
  ];
}
