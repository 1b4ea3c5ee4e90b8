/** Half-open, in epoch milliseconds: an appointment may start the moment another ends. */
export type Interval = { readonly start: number; readonly end: number };

export function isSameInterval(a: Interval, b: Interval): boolean {
  return a.start === b.start && a.end === b.end;
}

/** Ascending intervals that neither overlap nor touch. */
export type Blocks = { readonly starts: readonly number[]; readonly ends: readonly number[] };

/**
 * Merges intervals in any order, without empty ones. Starts and ends are sorted separately: where as many have ended as
 * have started, and the next one starts later, there is a gap.
 */
export function mergeIntervals(intervals: readonly Interval[]): Blocks {
  const real = intervals.filter(({ start, end }) => start < end);
  const allStarts = sorted(real, "start");
  const allEnds = sorted(real, "end");
  const starts: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < real.length; i++) {
    if (i === 0 || (allStarts[i] as number) > (allEnds[i - 1] as number)) starts.push(allStarts[i] as number);
    if (i === real.length - 1 || (allStarts[i + 1] as number) > (allEnds[i] as number)) {
      ends.push(allEnds[i] as number);
    }
  }
  return { starts, ends };
}

function sorted(intervals: readonly Interval[], edge: keyof Interval): Float64Array {
  const values = new Float64Array(intervals.length);
  let ordered = true;
  for (const [i, interval] of intervals.entries()) {
    values[i] = interval[edge];
    if (i > 0 && (values[i - 1] as number) > interval[edge]) ordered = false;
  }
  return ordered ? values : values.sort();
}

/**
 * Tests ascending ranges for overlapping blocks, visiting each block once over all ranges.
 * @returns a function that must be called with ascending ranges.
 */
export function createSweep({ starts, ends }: Blocks): (from: number, until: number) => boolean {
  let next = 0;
  return (from, until) => {
    while (next < ends.length && (ends[next] as number) <= from) next++;
    return next < starts.length && (starts[next] as number) < until;
  };
}
