import { startWorker, type Worker } from "../processes.ts";

/** Requests over a number of connections, each of which sends the next once the last is answered. */
export type LoadJob = {
  url: string;
  requests: { headers: Record<string, string>; body: string }[];
  connections: number;
  /** For how long the requests are repeated, or how many are sent. */
  limit: { seconds: number } | { calls: number };
  /** A text that every answer must contain. */
  successText: string;
};

export type LoadResult = { perSecond: number; p50Ms: number; p99Ms: number };

export type LoadAnswer = { result: LoadResult } | { failure: string };

export type LoadGenerator = {
  /** @throws where one answer isn't a success */
  run(job: LoadJob): Promise<LoadResult>;
};

/** One process for all rounds of a benchmark, so that its code is compiled for each of them alike. */
export function startLoadGenerator(): LoadGenerator {
  const worker: Worker<LoadJob, LoadAnswer> = startWorker("bench/mcp/load-worker.ts");
  return {
    async run(job) {
      const answer = await worker.run(job);
      if ("failure" in answer) throw new Error(`${job.url}: ${answer.failure}`);
      return answer.result;
    },
  };
}
