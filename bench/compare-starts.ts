import type { Measurement } from "./report.ts";
import { median } from "./statistics.ts";

/** Starts something once. @returns how long it took until the first answer, in milliseconds. */
type Start = () => Promise<number>;

/** What is started, and what beside it, with the names and the target of the measurement. */
export type StartComparison = {
  readonly name: string;
  readonly start: Start;
  readonly comparison: { readonly name: string; readonly start: Start };
  readonly rounds: number;
  readonly maxMs: number;
};

/** Median times. Both are started in turn, so that what else the machine does meets them alike. */
export async function compareStarts(compared: StartComparison): Promise<Measurement> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < compared.rounds; round++) {
    ours.push(await compared.start());
    theirs.push(await compared.comparison.start());
  }
  return {
    name: compared.name,
    value: median(ours),
    unit: "ms",
    comparison: { name: compared.comparison.name, value: median(theirs) },
    target: { max: compared.maxMs },
  };
}
