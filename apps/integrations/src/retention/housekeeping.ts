import { setImmediate as yieldToOthers } from "node:timers/promises";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import type { OAuthStateStore } from "../integrations/oauth-state.ts";
import type { SyncLogStore } from "../integrations/sync-log.ts";
import type { MessageStore } from "../webhooks/message-store.ts";
import { deliveryKinds, momentaryKinds, type PurgeEvents } from "./passing-events.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Of each table at a time, so that nobody waits for it. */
const rowsAtOnce = 1_000;

/** A request to a provider never lasts this long: what is still in progress belongs to an instance that is gone. */
const abandonedAfterMs = 10 * 60_000;

/** Deletes what has ended for longer than it is kept, and ends what was left in progress. */
export function createHousekeeping(deps: {
  readonly states: Pick<OAuthStateStore, "purge">;
  readonly syncLogs: Pick<SyncLogStore, "purge" | "cancelOlderThan">;
  readonly purgeEvents: PurgeEvents;
  readonly messages: Pick<MessageStore, "purge">;
  readonly logger: Logger;
  readonly now: () => number;
  readonly retentionDays: number;
}): BackgroundLoop {
  const { states, syncLogs, messages, purgeEvents, logger, now, retentionDays } = deps;

  async function purgeAll(stopping: AbortSignal, purge: () => Promise<number>): Promise<void> {
    while (!stopping.aborted && (await purge()) === rowsAtOnce) await yieldToOthers();
  }

  async function round(stopping: AbortSignal): Promise<void> {
    const kept = new Date(now() - retentionDays * dayMs);
    await syncLogs.cancelOlderThan(new Date(now() - abandonedAfterMs));
    await purgeAll(stopping, () => states.purge(kept, rowsAtOnce));
    await purgeAll(stopping, () => syncLogs.purge(kept, rowsAtOnce));
    const yesterday = new Date(now() - dayMs);
    await purgeAll(stopping, () => purgeEvents(momentaryKinds, yesterday, rowsAtOnce));
    await purgeAll(stopping, () => purgeEvents(deliveryKinds, kept, rowsAtOnce));
    await purgeAll(stopping, () => messages.purge(kept, rowsAtOnce));
  }

  return createBackgroundLoop(async (stopping) => {
    await round(stopping).catch((err: unknown) =>
      logger.error({ err }, "what has ended could not be deleted"),
    );
    return hourMs;
  }, Math.random() * hourMs);
}
