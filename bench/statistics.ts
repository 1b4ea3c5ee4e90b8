/** The smallest sample that at least `share` (0 to 1) of all samples don't exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const ascending = [...samples].sort((a, b) => a - b);
  const value = ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)];
  if (value === undefined) throw new RangeError("There are no samples.");
  return value;
}

/** Of an even number of samples, the lower one of the middle two. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}
