import { DatabaseError } from "./database.ts";

/**
 * Runs `work` when it is its turn among those of this process that have asked for the same key before. So those who wait
 * for one key hold few connections together, and whoever wants another key doesn't stand behind them.
 * @throws DatabaseError `KEY_BUSY` where it isn't the caller's turn in time; what `work` throws.
 */
export type KeyQueue = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** A key that somebody has. */
type Queue = {
  running: number;
  /** Those who wait for it, in their order. */
  readonly waiting: Set<() => void>;
  /** When a turn has last ended otherwise than by a failure of the database. */
  movedAt: number;
};

/** A queue that moves on is waited in for longer, since whoever gives up asks again. */
const longestWaits = 3;

export type KeyQueueOptions = {
  /** How many of a key run at once. With two, the second has its connection when the first lets go of the key. */
  readonly width: number;
  /** How long a caller waits while nobody has got on. */
  readonly maxWaitMs: number;
};

export function createKeyQueue({ width, maxWaitMs }: KeyQueueOptions): KeyQueue {
  const queues = new Map<string, Queue>();

  async function waitForTurn(queue: Queue): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const askedAt = performance.now();
    queue.waiting.add(resolve);
    let timer: NodeJS.Timeout;
    const giveUpAfter = (ms: number) => {
      timer = setTimeout(() => {
        const now = performance.now();
        const leftMs = Math.max(askedAt, queue.movedAt) + maxWaitMs - now;
        if (leftMs > 0 && now < askedAt + longestWaits * maxWaitMs) return giveUpAfter(leftMs);
        queue.waiting.delete(resolve);
        reject(keyBusy(now - askedAt));
      }, ms);
    };
    giveUpAfter(maxWaitMs);
    await promise.finally(() => clearTimeout(timer));
  }

  function passOn(key: string, queue: Queue): void {
    const [begin] = queue.waiting;
    if (begin !== undefined) {
      queue.waiting.delete(begin);
      begin();
      return;
    }
    queue.running -= 1;
    if (queue.running === 0) queues.delete(key);
  }

  return async (key, work) => {
    const queue = queues.get(key) ?? { running: 0, waiting: new Set(), movedAt: performance.now() };
    queues.set(key, queue);
    if (queue.running < width) queue.running += 1;
    else await waitForTurn(queue);
    let isFailing = false;
    try {
      return await work();
    } catch (error) {
      isFailing = error instanceof DatabaseError;
      throw error;
    } finally {
      if (!isFailing) queue.movedAt = performance.now();
      passOn(key, queue);
    }
  };
}

function keyBusy(waitedMs: number): DatabaseError {
  return new DatabaseError(
    "KEY_BUSY",
    `Waited for ${(waitedMs / 1_000).toFixed(1)} s for other changes of the same data. Try again.`,
  );
}
