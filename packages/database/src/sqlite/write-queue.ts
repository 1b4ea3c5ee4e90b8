import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionUse } from "../engine.ts";
import { isLocked } from "./errors.ts";

/**
 * Gives the writers of this process their turns in order, and waits for the writers of other processes without blocking
 * the event loop, as SQLite's own `busy_timeout` would.
 */
export type WriteQueue = {
  /** Resolves when it is the caller's turn. @returns a function that ends the turn. */
  acquire(): Promise<() => void>;
  use(): Pick<ConnectionUse, "inUse" | "waiting">;
  /**
   * Calls `act` until it doesn't fail because of another process's lock.
   * @param askedAt when the caller began to wait, by `performance.now()`.
   * @throws DatabaseError `SQLITE_BUSY` when no writer has succeeded for `timeoutMs` since then.
   */
  retryWhileLocked<T>(act: () => T, askedAt: number): Promise<T>;
  /** The same for a reader, whose success says nothing about the lock of those who write. */
  retryReading<T>(act: () => T, askedAt: number): Promise<T>;
};

/**
 * Pauses between tries. SQLite doesn't notify when its lock is free, and a try takes microseconds. With longer pauses a
 * writer would miss the short moments in which a process that writes all the time leaves the lock free.
 */
const minPauseMs = 1;
const maxPauseMs = 4;

/** @param timeoutMs how long another process may hold the lock before a write is given up. */
export function createWriteQueue(timeoutMs: number): WriteQueue {
  let last: Promise<void> = Promise.resolve();
  let writers = 0;
  // Reset by any writer's success, so that a long queue of this process's own writers doesn't count as a lock.
  const writing: Lock = { since: undefined };

  return {
    async acquire() {
      const previous = last;
      const { promise, resolve: release } = Promise.withResolvers<void>();
      last = promise;
      writers += 1;
      await previous;
      return () => {
        writers -= 1;
        release();
      };
    },

    use: () => ({ inUse: Math.min(1, writers), waiting: Math.max(0, writers - 1) }),

    retryWhileLocked: (act, askedAt) => retry(act, { askedAt, timeoutMs, lock: writing }),
    retryReading: (act, askedAt) => retry(act, { askedAt, timeoutMs, lock: { since: undefined } }),
  };
}

/** Since when every try has met another process's lock; undefined: the last one has not. */
type Lock = { since: number | undefined };

type Patience = { readonly askedAt: number; readonly timeoutMs: number; readonly lock: Lock };

async function retry<T>(act: () => T, { askedAt, timeoutMs, lock }: Patience): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      const result = act();
      lock.since = undefined;
      return result;
    } catch (error) {
      if (!isLocked(error)) throw error;
      const now = performance.now();
      lock.since ??= now;
      if (now - Math.max(askedAt, lock.since) >= timeoutMs) throw error;
      await sleep(pauseMs(tries));
    }
  }
}

/** Jittered, so that two processes don't keep trying at the same moments. */
function pauseMs(tries: number): number {
  return Math.min(maxPauseMs, minPauseMs * 1.5 ** tries) * (0.5 + Math.random());
}
