import { LRUCache } from "lru-cache";
import type { Changes } from "./changes.ts";

type FindRow<Row> = (...parameters: readonly unknown[]) => Promise<Row | undefined>;

/** A bound on memory, not on what can be asked. */
const maxRows = 500;

/**
 * Finds rows without asking SQLite again for what it said since the last change of anything in the
 * database, whoever made it. To ask costs three calls of the operating system, which delay what comes
 * after them as well: more than all else that a short answer needs of us.
 * @returns the same objects to several callers, who must leave them as they are.
 */
export function rememberRows<Row extends object>(
  changes: Changes,
  find: FindRow<Row>,
): FindRow<Readonly<Row>> {
  const remembered = new LRUCache<string, { asOf: number; row: Row | undefined }>({ max: maxRows });
  return async (...parameters) => {
    const key = JSON.stringify(parameters);
    // Before it is read: what changes meanwhile makes this one too old, never too new.
    const asOf = changes.count();
    const last = remembered.get(key);
    if (last?.asOf === asOf) return last.row;
    const row = await find(...parameters);
    remembered.set(key, { asOf, row });
    return row;
  };
}
