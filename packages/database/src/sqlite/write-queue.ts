import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { isLocked } from "./errors.ts";

/**
 * Lets the writers of this process write one at a time, in the order in which they ask, and waits for the
 * writers of other processes without blocking the event loop, which SQLite's own waiting (`busy_timeout`) does.
 */
export type WriteQueue = {
  /** @returns resolves when it is the caller's turn, to a function that ends the turn. */
  acquire(): Promise<() => void>;
  /**
   * Repeats what SQLite refuses because another process holds a lock, until it succeeds.
   * @param askedAt when the caller began to wait, by `performance.now()`.
   * @throws DatabaseError `SQLITE_BUSY` when no caller has succeeded for `timeoutMs` since then.
   */
  retryWhileLocked<T>(act: () => T, askedAt: number): Promise<T>;
};

/**
 * SQLite tells nobody when its lock is free, so it is tried again after a pause; a try costs microseconds.
 * The pauses stay short because a process that writes all the time leaves the lock free for moments only,
 * and long pauses miss them.
 */
const minPauseMs = 1;
const maxPauseMs = 4;

/** @param timeoutMs how long another process may hold the lock before a write is given up. */
export function createWriteQueue(timeoutMs: number): WriteQueue {
  let last: Promise<void> = Promise.resolve();
  // Any success resets it: waiting long behind this process's own writers is no reason to give up.
  let lockedSince: number | undefined;

  return {
    async acquire() {
      const previous = last;
      const { promise, resolve: release } = Promise.withResolvers<void>();
      last = promise;
      await previous;
      return release;
    },

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

/** Jittered, so that two processes don't try at the same moments again and again. */
function pauseMs(tries: number): number {
  return Math.min(maxPauseMs, minPauseMs * 1.5 ** tries) * (0.5 + Math.random());
}
