import type { FastifyBaseLogger } from "fastify";
import type { InstanceStore } from "./instance-store.ts";

/** Tells other processes that this one lives, and finds out which of them are gone. */
export type Heartbeat = {
  /** Registers this instance, and beats from then on. @throws DatabaseError */
  start(): Promise<void>;
  /** Resolves when this instance is removed, however often it is asked: what it still holds is settled by others, or at the next start. */
  stop(): Promise<void>;
};

export type HeartbeatTiming = {
  readonly beatIntervalMs: number;
  /** After how many looks in a row at the same beat an instance counts as gone. */
  readonly missedBeats: number;
};

type Deps = {
  store: InstanceStore;
  instanceId: string;
  timing: HeartbeatTiming;
  logger: FastifyBaseLogger;
  /** Told when instances are gone and have been removed. */
  onGone: () => void;
};

/**
 * A failure detector without clocks: each instance counts its beats up in the database, and one whose count
 * stays the same over several of our own beats is gone. A look that comes late or fails counts for nothing:
 * then it may be this process, or the database, that stood still. An instance that is taken for gone by
 * mistake loses what it held and registers again with its next beat.
 */
export function createHeartbeat({ store, instanceId, timing, logger, onGone }: Deps): Heartbeat {
  const { beatIntervalMs, missedBeats } = timing;
  /** Of the other instances: the beat seen last, and how often in a row. */
  let seen = new Map<string, { beat: number; times: number }>();
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  let lastBeatAt = performance.now();
  let isFailing = false;
  let stopped: Promise<void> | undefined;

  async function beat(): Promise<void> {
    const beats = await store.beat(instanceId);
    const at = performance.now();
    const isLate = at - lastBeatAt > 2 * beatIntervalMs;
    lastBeatAt = at;
    seen = new Map(
      [...beats]
        .filter(([id]) => id !== instanceId)
        .map(([id, beat]) => {
          const last = isLate ? undefined : seen.get(id);
          return [id, { beat, times: last?.beat === beat ? last.times + 1 : 1 }];
        }),
    );
    const gone = [...seen].filter(([, { times }]) => times > missedBeats).map(([id]) => id);
    if (gone.length === 0) return;
    await store.remove(gone);
    for (const id of gone) seen.delete(id);
    logger.warn({ instances: gone }, "instances have stopped without saying so; their holds are settled");
    onGone();
  }

  async function beatAgain(): Promise<void> {
    try {
      await beat();
      isFailing = false;
    } catch (err) {
      seen.clear();
      if (!isFailing) logger.warn({ err }, "this instance couldn't say that it lives; it goes on trying");
      isFailing = true;
    }
  }

  function schedule(): void {
    timer = setTimeout(() => {
      beating = beatAgain().then(schedule);
    }, beatIntervalMs).unref();
  }

  async function stop(): Promise<void> {
    clearTimeout(timer);
    await beating;
    // The beat that was under way has made the next one due.
    clearTimeout(timer);
    await store.remove([instanceId]);
  }

  return {
    async start() {
      lastBeatAt = performance.now();
      await beat();
      schedule();
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
