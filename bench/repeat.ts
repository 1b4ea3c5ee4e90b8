import { median } from "./statistics.ts";

/**
 * The median time in milliseconds of finding something in each input in turn, over and over; half as many
 * calls before only warm up.
 * @param find returns how much it found, which must be the same each time
 */
export function medianTime<Input>(
  repetitions: number,
  inputs: readonly Input[],
  find: (input: Input) => number,
): { found: number; ms: number } {
  const times: number[] = [];
  const founds = new Set<number>();
  for (let i = -repetitions / 2; i < repetitions; i++) {
    const input = inputs.at(i % inputs.length) as Input;
    const begun = performance.now();
    const found = find(input);
    const time = performance.now() - begun;
    founds.add(found);
    if (i >= 0) times.push(time);
  }
  const [found] = founds;
  if (found === undefined || founds.size > 1) throw new Error(`It found ${[...founds].join(", ")}.`);
  return { found, ms: median(times) };
}
