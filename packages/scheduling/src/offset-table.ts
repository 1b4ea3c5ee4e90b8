import { hourMs } from "./durations.ts";
import { zoneTransitions } from "./zone-transitions.ts";

/** A time zone's UTC offsets over a span of time: `offsets[i]` holds from `starts[i]` until `starts[i + 1]`. */
export type OffsetTable = {
  /** Epoch milliseconds; the first is -Infinity. */
  readonly starts: readonly number[];
  /** Milliseconds to add to UTC to get local time. */
  readonly offsets: readonly number[];
};

/** Builds the table for `[from, until]` (epoch milliseconds). @throws RangeError for an unknown zone. */
export function buildOffsetTable(timeZone: string, from: number, until: number): OffsetTable {
  const starts: number[] = [];
  const offsets: number[] = [];
  for (const { at, offset } of zoneTransitions(timeZone, from, until)) {
    starts.push(starts.length === 0 ? Number.NEGATIVE_INFINITY : at);
    offsets.push(offset);
  }
  return { starts, offsets };
}

/** The offset in force at an instant. */
export function offsetAt(table: OffsetTable, instant: number): number {
  return table.offsets[segmentAt(table, instant)] ?? 0;
}

function segmentAt({ starts }: OffsetTable, instant: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? Number.POSITIVE_INFINITY) <= instant) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Every instant at which a wall clock shows `local` (milliseconds since 1970 as if local time were
 * UTC), earliest first: one normally, two when clocks go back, none when they jump over it.
 */
export function instantsOf(table: OffsetTable, local: number): number[] {
  const first = segmentAt(table, local - 26 * hourMs);
  const last = segmentAt(table, local + 26 * hourMs);
  if (first === last) return [local - (table.offsets[first] ?? 0)];
  const found: number[] = [];
  for (let i = first; i <= last; i++) {
    const instant = local - (table.offsets[i] ?? 0);
    const start = table.starts[i] ?? Number.NEGATIVE_INFINITY;
    const end = table.starts[i + 1] ?? Number.POSITIVE_INFINITY;
    if (start <= instant && instant < end) found.push(instant);
  }
  return found;
}

/** The instant for a wall time in a gap: as if the clocks had not jumped yet (Temporal's `later`). */
export function instantAfterGap(table: OffsetTable, local: number): number {
  const last = segmentAt(table, local + 26 * hourMs);
  for (let i = segmentAt(table, local - 26 * hourMs); i < last; i++) {
    const pushed = local - (table.offsets[i] ?? 0);
    const gapStart = table.starts[i + 1] ?? Number.POSITIVE_INFINITY;
    if (pushed >= gapStart && local - (table.offsets[i + 1] ?? 0) < gapStart) return pushed;
  }
  return local - (table.offsets[last] ?? 0);
}
