import type { HeartbeatTiming } from "../instances/heartbeat.ts";

/** How long the steps of a booking may take, in milliseconds. */
export type BookingTiming = HeartbeatTiming & {
  /** How long after a hold was taken its calendar may be written: longer than all calls of a booking together, each at its limit. */
  readonly holdMs: number;
  /** How often holds that nobody works on are looked for, beside those of an instance that has just gone. */
  readonly sweepIntervalMs: number;
  /** How long one that couldn't be settled is left alone: a calendar that is down must not hold up the others. */
  readonly settleAgainMs: number;
};

/** An instance that ends is noticed after six to eight seconds: with two calls to settle, well within fifteen. */
export const defaultTiming: BookingTiming = {
  holdMs: 60_000,
  sweepIntervalMs: 5_000,
  settleAgainMs: 15_000,
  beatIntervalMs: 1_500,
  missedBeats: 4,
};
