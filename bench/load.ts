import { startWorker, type Worker } from "./processes.ts";

/** Requests to send over a number of connections, each of which waits for an answer before it sends the next. */
export type LoadJob = {
  url: string;
  requests: { headers: Record<string, string>; body: string }[];
  connections: number;
  /** Either the requests over and over for a time, or so many of them. */
  limit: { seconds: number } | { calls: number };
  /** What every single answer must contain. */
  sign: string;
};

export type LoadResult = { calls: number; perSecond: number; p50Ms: number; p99Ms: number };

export type LoadAnswer = { result: LoadResult } | { failure: string };

export type LoadGenerator = {
  /** @throws where one answer was not as it should be. */
  run(job: LoadJob): Promise<LoadResult>;
  stop(): Promise<void>;
};

/** The load comes from a process of its own, the same for all rounds, so that it is equally warm for each. */
export function startLoadGenerator(): LoadGenerator {
  const worker: Worker<LoadJob, LoadAnswer> = startWorker("bench/load-worker.ts");
  return {
    async run(job) {
      const answer = await worker.run(job);
      if ("failure" in answer) throw new Error(`${job.url}: ${answer.failure}`);
      return answer.result;
    },
    stop: () => worker.stop(),
  };
}
