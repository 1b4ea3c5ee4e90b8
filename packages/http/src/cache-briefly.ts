import { performance } from "node:perf_hooks";

/** How long an answer stands for those who ask again. */
export type CacheTimes = {
  readonly successMs: number;
  /** Shorter: that it works again should be seen soon. */
  readonly failureMs: number;
};

/**
 * Reads once for all who ask while it is being read, and for a moment after: what anybody may ask, as
 * often as anybody likes, costs the same however often it is asked.
 * @returns the answer that the others got as well, a failure too.
 */
export function cacheBriefly<T>(read: () => Promise<T>, times: CacheTimes): () => Promise<T> {
  let answer: Promise<T> | undefined;
  /** By a clock that nobody sets. */
  let until = Number.POSITIVE_INFINITY;

  return () => {
    if (answer !== undefined && performance.now() < until) return answer;
    const reading = read();
    const keepFor = (ms: number) => () => {
      until = performance.now() + ms;
    };
    reading.then(keepFor(times.successMs), keepFor(times.failureMs));
    until = Number.POSITIVE_INFINITY;
    answer = reading;
    return reading;
  };
}
