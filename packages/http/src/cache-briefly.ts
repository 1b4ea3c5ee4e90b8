import { performance } from "node:perf_hooks";

/** How long a result is reused. */
export type CacheTimes = {
  readonly successMs: number;
  /** Shorter than `successMs`, so that a recovery is seen soon. */
  readonly failureMs: number;
};

/**
 * Shares one call of `read` among all callers while it is under way and shortly after, so that an endpoint that is open
 * to anybody costs the same however often it is called.
 * @returns the shared result, or the shared failure.
 */
export function cacheBriefly<T>(read: () => Promise<T>, times: CacheTimes): () => Promise<T> {
  let answer: Promise<T> | undefined;
  /** By the monotonic clock. */
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
