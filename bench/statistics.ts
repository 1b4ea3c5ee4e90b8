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

/**
 * Times a function over the inputs in turn. Half as many calls come before, untimed, until the code is compiled.
 * @param count returns how much was found, which must be the same for all inputs
 * @returns that number and the median time in milliseconds
 */
export function measureMedianTime<Input>(
  repetitions: number,
  inputs: readonly Input[],
  count: (input: Input) => number,
): { found: number; ms: number } {
  const times: number[] = [];
  const counts = new Set<number>();
  for (let i = -repetitions / 2; i < repetitions; i++) {
    const input = inputs.at(i % inputs.length) as Input;
    const begun = performance.now();
    const found = count(input);
    const time = performance.now() - begun;
    counts.add(found);
    if (i >= 0) times.push(time);
  }
  const [found] = counts;
  if (found === undefined || counts.size > 1)
    throw new Error(`The counts differ: ${[...counts].join(", ")}.`);
  return { found, ms: median(times) };
}
