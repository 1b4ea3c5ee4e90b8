/** Wires what webhooks need: the stores, and what runs beside the requests. */

import type { CalendarApiClient } from "@cita/calendar-api";
import { type Database, migrate } from "@cita/database";
import type { GuardedSend } from "@cita/egress";
import type { EventLog } from "@cita/events";
import { createJobWorker, type JobQueue, openJobs } from "@cita/events/jobs";
import type { BackgroundLoop, Logger } from "@cita/process";
import type { KeyRing } from "@cita/token-store";
import { createDeliveryStore, type DeliveryStore } from "./delivery-store.ts";
import { calendarLog, createFollower, ownLog } from "./follow-logs.ts";
import { createMessageStore, type MessageStore } from "./message-store.ts";
import { webhookMigrations } from "./migrations.ts";
import { createReplay, type Replay } from "./replay.ts";
import { createSendDelivery, type SendDeliveryDeps } from "./send-delivery.ts";
import type { WebhookStore } from "./webhook.ts";
import { createWebhookStore } from "./webhook-store.ts";

export type WebhookStores = {
  readonly webhooks: WebhookStore;
  readonly messages: MessageStore;
  readonly deliveries: DeliveryStore;
  readonly replay: Replay;
  readonly jobs: JobQueue;
};

/** Migrates the tables, behind those of integrations, and opens the stores over them. @throws DatabaseError */
export async function openWebhookStores({
  now: time,
  ...given
}: {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly events: Pick<EventLog, "transaction" | "now">;
  readonly now: () => number;
}): Promise<WebhookStores> {
  const { db, events } = given;
  await migrate(db, webhookMigrations);
  const jobs = await openJobs({ db, queue: "webhooks", now: time });
  const deps = { ...given, jobs, now: () => new Date(time()) };
  const messages = createMessageStore(deps);
  // Before there is a webhook, so that the first one misses nothing of this service's.
  await messages.begin("integrations", await events.now());
  return {
    ...{ jobs, messages, webhooks: createWebhookStore(deps) },
    ...{ deliveries: createDeliveryStore(deps), replay: createReplay(deps) },
  };
}

export type WebhookTiming = {
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Longer than an attempt and what it writes. */
  readonly leaseMs: number;
};

const defaultTiming: WebhookTiming = { timeoutMs: 15_000, leaseMs: 30_000 };

/** Attempts at the same time, of this process. */
const maxAtOnce = 512;
const maxPerWebhook = 32;

/** What is under way when the service stops gets a moment, and is then left to others. */
const graceMs = 1_000;

type LoopDeps = Pick<WebhookStores, "messages" | "deliveries" | "jobs"> &
  Pick<SendDeliveryDeps, "db" | "logger" | "now" | "retryScale" | "onConcluded"> & {
    readonly events: Pick<EventLog, "now" | "renamed" | "readAfter" | "subscribe">;
    readonly calendarApi: Pick<CalendarApiClient, "events">;
    readonly guarded: Pick<GuardedSend, "send">;
    readonly logger: Logger;
    readonly timing?: Partial<WebhookTiming> | undefined;
  };

/** Reads both logs, and sends what is due. */
export function createWebhookLoops({
  events,
  calendarApi,
  guarded,
  timing,
  ...deps
}: LoopDeps): BackgroundLoop[] {
  const { timeoutMs, leaseMs } = { ...defaultTiming, ...timing };
  const perform = createSendDelivery({ ...deps, send: guarded.send, timeoutMs });
  return [
    createFollower({ ...deps, source: ownLog(events) }),
    createFollower({ ...deps, source: calendarLog(calendarApi) }),
    createJobWorker({ ...deps, perform, leaseMs, maxAtOnce, maxPerLane: maxPerWebhook, graceMs }),
  ];
}
