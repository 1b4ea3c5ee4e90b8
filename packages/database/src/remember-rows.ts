import { LRUCache } from "lru-cache";
import type { Changes } from "./changes.ts";

type FindRow<Row> = (...parameters: readonly unknown[]) => Promise<Row | undefined>;

/** A bound on memory, not on what can be asked. */
const maxRows = 500;

/**
 * Finds rows, and asks SQLite for one again only after something in the database has changed, through this
 * connection or another. Each question to SQLite is three calls of the operating system (docs/decisions/0027).
 * @returns the same objects to several callers, who must not change them.
 */
export function rememberRows<Row extends object>(
  changes: Changes,
  find: FindRow<Row>,
): FindRow<Readonly<Row>> {
  const remembered = new LRUCache<string, { asOf: number; row: Row | undefined }>({ max: maxRows });
  return async (...parameters) => {
    const key = JSON.stringify(parameters);
    // Counted before the row is read: a change in between makes the row count as old, never as new.
    const asOf = changes.count();
    const last = remembered.get(key);
    if (last?.asOf === asOf) return last.row;
    const row = await find(...parameters);
    remembered.set(key, { asOf, row });
    return row;
  };
}
