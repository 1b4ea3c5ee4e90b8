import { setTimeout as sleep, setImmediate as yieldToOthers } from "node:timers/promises";

/** Work that a process repeats beside its requests. */
export type BackgroundLoop = {
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
};

/**
 * Runs rounds, one after another. Waiting for the next doesn't keep the process alive.
 * @param round must not reject. `stopping` aborts when the loop is to stop. @returns the milliseconds until the next round.
 * @param firstAfterMs the milliseconds until the first round.
 */
export function createBackgroundLoop(
  round: (stopping: AbortSignal) => Promise<number>,
  firstAfterMs = 0,
): BackgroundLoop {
  const stop = new AbortController();
  const { signal } = stop;
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    // SQLite answers without a turn of the event loop: rounds without a pause would let nobody else in.
    for (let pauseMs = firstAfterMs; ; await yieldToOthers()) {
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      pauseMs = await round(signal);
    }
  }

  return {
    start() {
      running = run();
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}
