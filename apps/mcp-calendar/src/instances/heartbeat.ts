/**
 * The processes that share one database: their heartbeats (here) and their rows (`instance-store.ts`). Holds that name an
 * instance, and settling the holds of an instance that is gone, are in `../bookings`.
 * @see docs/decisions/0042-holds-name-their-instance.md
 */

import type { Logger } from "@cita/process";
import type { InstanceStore } from "./instance-store.ts";

/** Tells other processes that this one is alive, and detects which of them are gone. */
export type Heartbeat = {
  /**
   * Registers this instance, and beats from then on.
   * @param onGone called after instances that are gone were removed.
   * @throws DatabaseError
   */
  start(onGone: () => void): Promise<void>;
  /** How many instances were alive at the last beat that succeeded, with this one. */
  countInstances(): number;
  /** How long ago the last beat has succeeded, or this instance was made. */
  beatAgeMs(): number;
  /** Removes this instance's row. Its remaining holds are settled by others, or at the next start. Idempotent. */
  stop(): Promise<void>;
};

export type HeartbeatTiming = {
  readonly beatIntervalMs: number;
  /** An instance is gone when its count stays the same over more of our own beats than this. */
  readonly missedBeats: number;
};

type Deps = {
  store: InstanceStore;
  instanceId: string;
  timing: HeartbeatTiming;
  logger: Logger;
};

/**
 * A failure detector without clocks: each instance counts its beats in the database, and one whose count stays the same
 * over several of our own beats is gone. A beat of ours that is late or fails resets the observation, since this process
 * or the database may have been suspended. An instance that was removed by mistake loses its holds, and registers again
 * with its next beat.
 */
export function createHeartbeat({ store, instanceId, timing, logger }: Deps): Heartbeat {
  const { beatIntervalMs, missedBeats } = timing;
  /** By the ids of other instances: the last count, and how many of our beats have read it. */
  let seen = new Map<string, { beat: number; times: number }>();
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  let lastBeatAt = performance.now();
  let isFailing = false;
  let instances = 1;
  let onGone: () => void = () => undefined;
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
    instances = 1 + seen.size - gone.length;
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
    // The awaited beat has scheduled the next one.
    clearTimeout(timer);
    await store.remove([instanceId]);
  }

  return {
    async start(callback) {
      onGone = callback;
      lastBeatAt = performance.now();
      await beat();
      schedule();
    },
    countInstances: () => instances,
    beatAgeMs: () => performance.now() - lastBeatAt,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
