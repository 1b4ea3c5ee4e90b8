import { setTimeout as sleep } from "node:timers/promises";
import { type Database, watchCommits } from "@cita/database";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import type { Job, JobQueue } from "./jobs.ts";

/**
 * Does a job, and finishes or retries it. Where it rejects, the job is due again when its lease ends.
 * @param abandoned aborts when the process has to end: the job is to be left to others then, soon.
 */
export type Perform = (job: Job, abandoned: AbortSignal) => Promise<void>;

export type JobWorkerDeps = {
  readonly db: Database;
  readonly jobs: Pick<JobQueue, "take" | "nextDue" | "mendDueTimes">;
  readonly perform: Perform;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Longer than `perform` ever takes. */
  readonly leaseMs: number;
  /** Of this process. */
  readonly maxAtOnce: number;
  /** The same of one lane. */
  readonly maxPerLane: number;
  /** How long jobs may go on when the worker is stopped, before they are abandoned. */
  readonly graceMs: number;
};

/** Between two takings that find something: each is a commit, and jobs that end one by one would make it one for each. */
const takingPauseMs = 25;

/** Looked for at least that often, whether or not anybody has woken the worker. */
const pollMs = 1_000;
const mendEveryMs = 60_000;

/**
 * Does due jobs, many at once, soon after the commit that has added them, whichever process made it. A lane whose jobs
 * take long has no more of them under way than `maxPerLane`; where half of all places are taken, each lane gets one at a time.
 */
export function createJobWorker(deps: JobWorkerDeps): BackgroundLoop {
  const { db, logger, graceMs } = deps;
  const alarm = createAlarm();
  const underWay = createUnderWay(deps, alarm.ring);
  const find = createFinder(deps, underWay);
  let stopWatching: (() => void) | undefined;

  const loop = createBackgroundLoop(async (stopping) => {
    const rung = alarm.set();
    try {
      const found = await find();
      if (found.mayBeMore) return 0;
      await Promise.race([rung, pause(found.pauseMs, stopping)]);
      return found.taken > 0 ? takingPauseMs : 0;
    } catch (err) {
      logger.error({ err }, "due jobs can't be taken for now");
      return pollMs;
    }
  });

  return {
    start() {
      stopWatching = watchCommits(db, alarm.ring);
      loop.start();
    },
    async stop() {
      stopWatching?.();
      await loop.stop();
      await Promise.race([underWay.settled(), sleep(graceMs, undefined, { ref: false })]);
      underWay.abandon();
      await underWay.settled();
    },
  };
}

/** Wakes who waits, also where it rang between the setting and the waiting. */
function createAlarm() {
  let current = Promise.withResolvers<void>();
  return {
    set() {
      current = Promise.withResolvers();
      return current.promise;
    },
    ring: () => current.resolve(),
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

type UnderWay = ReturnType<typeof createUnderWay>;

/** The jobs that this process is doing. */
function createUnderWay({ perform, logger, maxPerLane }: JobWorkerDeps, onEnd: () => void) {
  const running = new Set<Promise<void>>();
  const perLane = new Map<string, number>();
  const abandoned = new AbortController();

  const count = (lane: string, by: number) => {
    const left = (perLane.get(lane) ?? 0) + by;
    if (left === 0) perLane.delete(lane);
    else perLane.set(lane, left);
  };

  async function run(job: Job): Promise<void> {
    try {
      await perform(job, abandoned.signal);
    } catch (err) {
      logger.error({ err, job: job.key }, "a job could not be done; it is due again when its lease ends");
    }
  }

  return {
    size: () => running.size,
    start(job: Job): void {
      count(job.lane, 1);
      const ended = run(job).finally(() => {
        count(job.lane, -1);
        running.delete(ended);
        onEnd();
      });
      running.add(ended);
    },
    /** Lanes that have no room for so many more. */
    lanesWithout: (room: number) =>
      [...perLane].filter(([, jobs]) => jobs + room > maxPerLane).map(([lane]) => lane),
    abandon: () => abandoned.abort(),
    async settled(): Promise<void> {
      await Promise.all(running);
    },
  };
}

type Found = {
  readonly taken: number;
  /** It makes sense to look again at once. */
  readonly mayBeMore: boolean;
  /** When it makes sense to look again. */
  readonly pauseMs: number;
};

/** Takes due jobs, and starts them. */
function createFinder(
  { jobs, logger, now, leaseMs, maxAtOnce, maxPerLane }: JobWorkerDeps,
  underWay: UnderWay,
): () => Promise<Found> {
  /** The lane that had its turn last. */
  let after = "";
  let mendedAt = Number.NEGATIVE_INFINITY;

  async function mend(): Promise<void> {
    if (performance.now() < mendedAt + mendEveryMs) return;
    mendedAt = performance.now();
    const mended = await jobs.mendDueTimes();
    if (mended > 0) logger.warn({ jobs: mended }, "the clock was set back; what was due too late was mended");
  }

  return async () => {
    await mend();
    const nothing = { taken: 0, mayBeMore: false, pauseMs: pollMs };
    const limit = maxAtOnce - underWay.size();
    if (limit === 0) return nothing;
    // Read first, since taking locks SQLite's database for others.
    const dueAt = await jobs.nextDue();
    const dueInMs = (dueAt ?? Number.POSITIVE_INFINITY) - now();
    if (dueInMs > 0) return { ...nothing, pauseMs: Math.min(pollMs, dueInMs) };
    const isCrowded = underWay.size() > maxAtOnce / 2;
    const perLane = isCrowded ? 1 : Math.ceil(maxPerLane / 2);
    const asked = { limit, perLane, leaseMs, after, except: underWay.lanesWithout(perLane) };
    const taken = await jobs.take(asked);
    for (const job of taken) underWay.start(job);
    const begunBehind = after;
    after = taken.length === limit ? lastLane(taken) : "";
    return { ...nothing, taken: taken.length, mayBeMore: taken.length === limit || begunBehind !== "" };
  };
}

function lastLane(jobs: readonly Job[]): string {
  return jobs.map(({ lane }) => lane).reduce((last, lane) => (lane > last ? lane : last), "");
}
