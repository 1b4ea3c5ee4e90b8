import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@cita/process";

export type Housekeeping = {
  start(): void;
  stop(): Promise<void>;
};

const pauseMs = 3_600_000;

/** Deletes each hour what has ended by itself: sessions, links, counts. Whatever process does it, it is done once. */
export function createHousekeeping(purges: readonly (() => Promise<number>)[], logger: Logger): Housekeeping {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!signal.aborted) {
      for (const purge of purges) {
        if (signal.aborted) return;
        await purge().catch((err: unknown) =>
          logger.error({ err }, "what has ended can't be deleted for now"),
        );
      }
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  return {
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
