/** Choices that are the same again for the same seed. */
export type Random = {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** @throws where there is nothing to pick from. */
  pick<Item>(items: readonly Item[]): Item;
  /** True that often, of 1. */
  chance(share: number): boolean;
};

/** Mulberry32: each request gets its own, so that any of them can be made again without those before. */
export function createRandom(seed: number, index = 0): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(index + 1, 0xc2b2ae35);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    chance: (share) => next() < share,
    pick(items) {
      const index = below(items.length);
      if (index >= items.length) throw new RangeError("There is nothing to pick from.");
      return items[index] as (typeof items)[number];
    },
  };
}
