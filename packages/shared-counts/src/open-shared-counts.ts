import { createHash } from "node:crypto";
import { type Database, engineName, migrate } from "@cita/database";
import type { Logger } from "@cita/process";
import { addCounts, removeOldCounts, type SharedTotal } from "./count-table.ts";
import { sharedCountMigrations } from "./migrations.ts";

export type { SharedTotal } from "./count-table.ts";

/**
 * Counts in windows that all instances of a service have in common. An instance tells the others what it has counted, and
 * learns what they have, some times a second and never while a request waits. Where the database is away each goes on by
 * its own count.
 */
export type SharedCounts = {
  /**
   * Adds one.
   * @param key is the same at all instances. It is stored hashed, and removed after its window.
   * @param onTotal is called soon, where the database answers, with what all have counted up to then.
   */
  add(key: string, onTotal: OnTotal): void;
  /** Ends the exchange. To be awaited before the database is closed. */
  stop(): Promise<void>;
};

type OnTotal = (total: SharedTotal) => void;

export type SharedCountsDeps = {
  db: Database;
  logger: Logger;
  timing?: Partial<SharedCountsTiming> | undefined;
};

export type SharedCountsTiming = {
  readonly windowMs: number;
  /** How long an instance gathers what it counts. */
  readonly exchangeMs: number;
  /** The pause after an exchange that has failed. */
  readonly retryMs: number;
};

const defaultTiming: SharedCountsTiming = { windowMs: 60_000, exchangeMs: 250, retryMs: 2_000 };

/** Bound the memory and the statement. What is beyond is counted by its instance alone, or a moment later. */
const maxPending = 5_000;
const maxExchanged = 1_000;

type Pending = { added: number; onTotal: OnTotal };

/** Migrates the table. In SQLite, which serves one process, nothing is exchanged. @throws DatabaseError */
export async function openSharedCounts({ db, logger, timing }: SharedCountsDeps): Promise<SharedCounts> {
  await migrate(db, sharedCountMigrations);
  if (engineName(db) === "sqlite") return { add: () => undefined, stop: async () => undefined };
  return createExchange(db, logger, { ...defaultTiming, ...timing });
}

function createExchange(
  db: Database,
  logger: Logger,
  { windowMs, exchangeMs, retryMs }: SharedCountsTiming,
): SharedCounts {
  const pending = new Map<string, Pending>();
  let timer: NodeJS.Timeout | undefined;
  let purgeTimer: NodeJS.Timeout | undefined;
  let exchanging: Promise<void> = Promise.resolve();
  let purging: Promise<void> = Promise.resolve();
  /** Rows that are too young for the purge that is scheduled. */
  let hasYoungRows = false;
  let isStopped = false;
  let isFailing = false;

  function schedule(ms: number): void {
    if (isStopped || timer !== undefined) return;
    timer = setTimeout(() => {
      exchanging = exchange().then((pauseMs) => {
        timer = undefined;
        if (pending.size > 0) schedule(pauseMs);
      });
    }, ms).unref();
  }

  /** What couldn't be told stays this instance's own: told later, it would count for another window. */
  async function exchange(): Promise<number> {
    const told = new Map([...pending].slice(0, maxExchanged));
    for (const key of told.keys()) pending.delete(key);
    const hashes = new Map([...told.keys()].map((key) => [hash(key), key]));
    const added = new Map([...hashes].map(([hashed, key]) => [hashed, told.get(key)?.added ?? 0]));
    try {
      for (const [hashed, total] of await addCounts(db, added, windowMs)) {
        const key = hashes.get(hashed) ?? "";
        const since = pending.get(key)?.added ?? 0;
        told.get(key)?.onTotal({ ...total, requests: total.requests + since });
      }
    } catch (err) {
      if (!isFailing) logger.warn({ err }, "limits are counted by this instance alone for now");
      isFailing = true;
      return retryMs;
    }
    isFailing = false;
    schedulePurge();
    return exchangeMs;
  }

  function schedulePurge(): void {
    if (isStopped) return;
    hasYoungRows = purgeTimer !== undefined;
    purgeTimer ??= setTimeout(() => {
      purging = purge();
    }, windowMs).unref();
  }

  async function purge(): Promise<void> {
    const isDone = await removeOldCounts(db, windowMs).then(
      () => true,
      () => false,
    );
    purgeTimer = undefined;
    if (hasYoungRows || !isDone) schedulePurge();
  }

  return {
    add(key, onTotal) {
      const known = pending.get(key);
      if (known !== undefined) known.added += 1;
      else if (pending.size < maxPending) pending.set(key, { added: 1, onTotal });
      schedule(exchangeMs);
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      clearTimeout(purgeTimer);
      await Promise.all([exchanging, purging]);
    },
  };
}

function hash(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}
