import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError } from "./database-error.ts";

/**
 * Lets the writers of this process in one at a time, in the order in which they ask, and waits for those
 * of other processes without holding up the event loop: SQLite's own waiting (`busy_timeout`) sleeps.
 */
export type WriteQueue = {
  /** @returns resolves when it is the caller's turn, to what ends the turn. */
  enter(): Promise<() => void>;
  /**
   * Repeats what SQLite refuses because another process holds a lock, until it succeeds.
   * @param askedAt when the caller began to wait, by `performance.now()`.
   * @throws DatabaseError `SQLITE_BUSY` when nothing has succeeded for `timeoutMs` since then.
   */
  untilUnlocked<T>(act: () => T, askedAt: number): Promise<T>;
};

/**
 * Nobody is told when SQLite's lock is free, so it is tried again and again; a try costs microseconds.
 * The pauses grow little: a process that writes all the time leaves the lock free for moments only, and
 * who looks rarely doesn't meet one.
 */
const minPauseMs = 1;
const maxPauseMs = 4;

/** @param timeoutMs how long another process may hold the lock before a write is given up. */
export function createWriteQueue(timeoutMs: number): WriteQueue {
  let last: Promise<void> = Promise.resolve();
  // A long queue of this process's own writers is no reason to give up: only a lock that nothing gets past.
  let lockedSince: number | undefined;

  return {
    async enter() {
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      return resolve;
    },

    async untilUnlocked(act, askedAt) {
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

/** Jittered, so that two processes don't go on meeting each other. */
function pauseMs(tries: number): number {
  return Math.min(maxPauseMs, minPauseMs * 1.5 ** tries) * (0.5 + Math.random());
}

/**
 * Not `SQLITE_BUSY_SNAPSHOT`: a transaction that has read what has been changed since can only begin anew.
 * @see https://sqlite.org/rescode.html#busy
 */
const passing: ReadonlySet<string> = new Set(["SQLITE_BUSY", "SQLITE_BUSY_RECOVERY"]);

function isLocked(error: unknown): boolean {
  return error instanceof DatabaseError && passing.has(error.code);
}
