/** Which events a webhook gets: names of the catalogue, and patterns such as `booking.*` and `*`. */

import { subscribableNames } from "./event-types.ts";

/** A pattern ends with `*`, which stands for a whole name, or for what follows a dot. */
const patterns: ReadonlySet<string> = new Set([
  "*",
  ...subscribableNames.map((name) => `${name.split(".")[0]}.*`),
]);

export function isKnownFilter(text: string): boolean {
  return patterns.has(text) || subscribableNames.some((name) => name === text);
}

export function passesFilter(filters: readonly string[], type: string): boolean {
  return filters.some(
    (filter) =>
      filter === "*" || filter === type || (filter.endsWith(".*") && type.startsWith(filter.slice(0, -1))),
  );
}
