import { setTimeout as sleep } from "node:timers/promises";

export type CatchUpOptions = {
  /** Brings something up to date with what is known when it begins. */
  readonly run: () => Promise<void>;
  /** The first failure in a row. */
  readonly onFailure: (error: unknown) => void;
  /** Aborted: no further run is begun. */
  readonly signal: AbortSignal;
};

const firstPauseMs = 100;
const lastPauseMs = 5_000;

/**
 * Makes the function that brings something up to date: one run at a time, one more for all calls during a run, and another
 * after each that failed, since nothing else may happen for long that would begin one.
 * @returns what resolves once a run has succeeded that began after the call, or the signal was aborted.
 */
export function createCatchUp({ run, onFailure, signal }: CatchUpOptions): () => Promise<void> {
  let isDue = false;
  let isRunning = false;
  /** Those who have called since the last run began. */
  let waiting = Promise.withResolvers<void>();

  async function runUntilCurrent(): Promise<void> {
    isRunning = true;
    for (let failures = 0; isDue && !signal.aborted; ) {
      isDue = false;
      const served = waiting;
      waiting = Promise.withResolvers();
      try {
        await run();
        failures = 0;
        served.resolve();
      } catch (error) {
        isDue = true;
        void waiting.promise.then(served.resolve);
        if (failures === 0 && !signal.aborted) onFailure(error);
        const pauseMs = Math.min(lastPauseMs, firstPauseMs * 2 ** failures);
        failures += 1;
        await sleep(pauseMs, undefined, { ref: false, signal }).catch(() => undefined);
      }
    }
    isRunning = false;
    if (signal.aborted) waiting.resolve();
  }

  return () => {
    isDue = true;
    const { promise } = waiting;
    if (!isRunning) void runUntilCurrent();
    return promise;
  };
}
