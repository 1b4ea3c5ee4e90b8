import { DatabaseError } from "./database.ts";

/**
 * Runs `work` when all of this process that have asked for the same key before have ended. So those who wait for one key
 * hold one connection together, and whoever wants another key doesn't stand behind them.
 * @throws DatabaseError `KEY_BUSY` where it isn't the caller's turn in time; what `work` throws.
 */
export type KeyQueue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

type Waiting = { begin(): void };

/** @param maxWaitMs how long a caller waits for its turn. */
export function createKeyQueue(maxWaitMs: number): KeyQueue {
  /** Of each key that somebody has: who waits for it, in their order. */
  const queues = new Map<string, Set<Waiting>>();

  async function takeTurn(key: string): Promise<void> {
    const queue = queues.get(key);
    if (queue === undefined) {
      queues.set(key, new Set());
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { begin: resolve };
    queue.add(waiting);
    const timer = setTimeout(() => {
      queue.delete(waiting);
      reject(keyBusy(maxWaitMs));
    }, maxWaitMs);
    await promise.finally(() => clearTimeout(timer));
  }

  function passOn(key: string): void {
    const queue = queues.get(key);
    const [next] = queue ?? [];
    if (next === undefined) {
      queues.delete(key);
      return;
    }
    queue?.delete(next);
    next.begin();
  }

  return async (key, work) => {
    await takeTurn(key);
    try {
      return await work();
    } finally {
      passOn(key);
    }
  };
}

function keyBusy(waitedMs: number): DatabaseError {
  return new DatabaseError(
    "KEY_BUSY",
    `So much wants to change the same data that one waits for more than ${waitedMs / 1_000} s. Try again.`,
  );
}
