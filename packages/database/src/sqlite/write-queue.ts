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
   * @throws DatabaseError `SQLITE_BUSY` when no caller has succeeded for `timeoutMs` since then.
   */
  retryWhileLocked<T>(act: () => T, askedAt: number): Promise<T>;
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
  // Reset by any success, so that a long queue of this process's own writers doesn't count as a lock.
  let lockedSince: number | undefined;

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

    async retryWhileLocked(act, askedAt) {
      for (let tries = 0; ; tries++) {
        try {
          const result = act();
          lockedSince = undefined;
          return result;
        } catch (error) {
          if (!isLocked(error)) throw error;
          const now = performance.now();
          lockedSince ??= now;
          if (now - Math.max(askedAt, lockedSince) >= timeoutMs) throw error;
          await sleep(pauseMs(tries));
        }
      }
    },
  };
}

/** Jittered, so that two processes don't keep trying at the same moments. */
function pauseMs(tries: number): number {
  return Math.min(maxPauseMs, minPauseMs * 1.5 ** tries) * (0.5 + Math.random());
}
