/**
 * Deleting stored data: when and in what portions rows that are no longer needed are deleted (here), which rows those are
 * (`purges.ts`), and deleting everything about a customer (`remove-customer.ts`). Erasing one attendee's data is in
 * `../bookings/ledger/attendee-data.ts`.
 * @see docs/decisions/0039-retention.md
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";

/** Deletes one kind of rows. Several processes may run the same purge at once. */
export type Purge = {
  /** For the log. */
  readonly name: string;
  /**
   * Deletes due rows in one short statement, some hundreds at most.
   * @param now epoch milliseconds.
   * @returns how many rows; 0: nothing more is due.
   */
  run(now: number): Promise<number>;
};

export type PurgerTiming = {
  /** The first round begins at a random moment within this time, so that processes don't run together. Default: 5 minutes. */
  firstWithinMs?: number;
  /** Default: an hour. */
  intervalMs?: number;
};

type Deps = PurgerTiming & { purges: readonly Purge[]; logger: Logger; now: () => number };

/** Statements of each purge in one round. With 500 rows each and a round an hour: 2.4 million rows a day. */
const maxBatches = 200;

/** SQLite's statements block the event loop, so requests are served between two of them. */
const pauseMs = 20;

/** Runs every purge, round after round. One that fails is logged and tried again in the next round. */
export function createPurger({
  purges,
  logger,
  firstWithinMs = 300_000,
  intervalMs = 3_600_000,
  now,
}: Deps): BackgroundLoop {
  async function runPurge(purge: Purge, stopping: AbortSignal): Promise<void> {
    let removed = 0;
    try {
      for (let batch = 0; batch < maxBatches && !stopping.aborted; batch++) {
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

  return createBackgroundLoop(async (stopping) => {
    for (const purge of purges) await runPurge(purge, stopping);
    return intervalMs;
  }, Math.random() * firstWithinMs);
}
