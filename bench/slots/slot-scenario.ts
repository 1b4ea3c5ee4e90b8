import type { Interval } from "@cita/scheduling";

/** Opening hours and busy intervals, from which we and the peer compute slots. */
export type SlotScenario = {
  readonly timeZone: string;
  /** First date. */
  readonly from: string;
  readonly days: number;
  /** On each day. */
  readonly opens: string;
  readonly closes: string;
  readonly durationMs: number;
  readonly gridMs: number;
  /** The same intervals, some of which overlap, in several orders: a processor learns to predict one that is repeated. */
  readonly busyOrders: readonly (readonly Interval[])[];
};

/** All other values follow from the size. */
export type ScenarioSize = { days: number; busyCount: number };

const minute = 60_000;
const day = 1_440 * minute;
const orders = 16;

/** So far ahead that no slot is too soon, whenever the benchmark runs. */
const firstDate = "2035-06-04";

/** Leaves 525 slots in a month with 200 busy intervals. */
const seed = 16;

export function createSlotScenario({ days, busyCount }: ScenarioSize): SlotScenario {
  const random = createRandom(seed);
  const pick = (least: number, most: number, step: number) =>
    least + step * Math.floor(random() * ((most - least) / step + 1));
  // In UTC: from two hours before the business opens to two hours after it closes.
  const busy = Array.from({ length: busyCount }, () => {
    const start = Date.parse(firstDate) + pick(0, days - 1, 1) * day + pick(11 * 60, 23 * 60, 5) * minute;
    return { start, end: start + pick(15, 60, 15) * minute };
  });
  return {
    timeZone: "America/New_York",
    from: firstDate,
    days,
    opens: "09:00",
    closes: "17:00",
    durationMs: 30 * minute,
    gridMs: 15 * minute,
    busyOrders: Array.from({ length: orders }, () => shuffle(busy, random)),
  };
}

function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** Numbers from 0 to 1 by mulberry32, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
