const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/**
 * After how long each failure in a row is repeated. After the last one it isn't.
 * @see https://docs.svix.com/retries
 */
export const retryDelaysMs: readonly number[] = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  10 * hourMs,
];

/** So that what failed together, as at a receiver that restarts, isn't all repeated at the same moment. */
const jitter = 0.2;

/** Whoever asks for more time than that gets this much. */
const maxAskedMs = 24 * hourMs;

export type Failure = {
  /** In a row, with this one. */
  readonly failures: number;
  /** What the receiver has asked for (`Retry-After`); undefined: nothing. */
  readonly askedMs?: number | undefined;
  /** Shortens the schedule, for tests and demonstrations. What the receiver asks for isn't scaled. */
  readonly scale?: number;
  /** From 0 up to 1. */
  readonly random: number;
};

/** @returns after how many milliseconds it is tried again; undefined: it isn't. */
export function retryDelayMs({ failures, askedMs = 0, scale = 1, random }: Failure): number | undefined {
  const delayMs = retryDelaysMs[failures - 1];
  if (delayMs === undefined) return undefined;
  const jitteredMs = delayMs * scale * (1 + jitter * random);
  return Math.round(Math.max(jitteredMs, Math.min(askedMs, maxAskedMs)));
}
