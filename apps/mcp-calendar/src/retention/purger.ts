/**
 * This folder is the end of what is stored: when, and how much at a time, rows that are no longer needed are
 * removed (here), which rows those are (`purges.ts`), and everything about a customer that leaves
 * (`remove-customer.ts`). One attendee's data is in `../bookings/ledger/attendee-data.ts`.
 * @see docs/decisions/0039-retention.md
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@cita/process";

/** Removes one kind of rows. Several processes may run the same one at once. */
export type Purge = {
  /** For the log. */
  readonly name: string;
  /**
   * Removes what is due, in one short statement: some hundreds of rows at the most.
   * @param now epoch milliseconds.
   * @returns how many rows; 0 where nothing more is due.
   */
  run(now: number): Promise<number>;
};

export type Purger = {
  start(): void;
  /** Resolves when the statement under way has ended. */
  stop(): Promise<void>;
};

export type PurgerTiming = {
  /** The first round begins at a random moment within this time: not all processes in the same second. Default: 5 minutes. */
  firstWithinMs?: number;
  /** Default: an hour. */
  intervalMs?: number;
};

type Deps = PurgerTiming & { purges: readonly Purge[]; logger: Logger; now: () => number };

/** Of each purge in a round; the next round goes on. With 500 rows each: 2.4 million rows a day. */
const maxBatches = 200;

/** SQLite's statements run on the event loop: between two of them requests are answered. */
const pauseMs = 20;

/** Runs every purge, round after round. One that fails is logged and tried again in the next round. */
export function createPurger({
  purges,
  logger,
  firstWithinMs = 300_000,
  intervalMs = 3_600_000,
  now,
}: Deps): Purger {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  async function runPurge(purge: Purge): Promise<void> {
    let removed = 0;
    try {
      for (let batch = 0; batch < maxBatches && !stopping.signal.aborted; batch++) {
        const rows = await purge.run(now());
        removed += rows;
        if (rows === 0) break;
        await sleep(pauseMs);
      }
    } catch (err) {
      logger.error({ err, purge: purge.name }, "what is no longer needed couldn't be removed");
    }
    if (removed > 0) logger.info({ purge: purge.name, removed }, "what is no longer needed was removed");
  }

  async function runRound(): Promise<void> {
    for (const purge of purges) await runPurge(purge);
  }

  return {
    start() {
      const next = () => {
        round = runRound().finally(() => {
          if (!stopping.signal.aborted) timer = setTimeout(next, intervalMs).unref();
        });
      };
      timer = setTimeout(next, Math.random() * firstWithinMs).unref();
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await round;
    },
  };
}
