/** How long the steps of a booking may take, in milliseconds. */
export type BookingTiming = {
  /** How long a range stays held without a confirmation: longer than all calls of a booking together, each at its limit. */
  readonly holdMs: number;
  /** How often holds that have run out are looked for. */
  readonly sweepIntervalMs: number;
  /** How long one that couldn't be settled is left alone: a calendar that is down must not hold up the others. */
  readonly settleAgainMs: number;
};

export const defaultTiming: BookingTiming = {
  holdMs: 60_000,
  sweepIntervalMs: 10_000,
  settleAgainMs: 15_000,
};
