import { type RawBuilder, sql } from "kysely";
import { type AnyTables, engineName } from "./engine.ts";

/**
 * How the end of a `select` locks the rows that it finds, until its transaction ends. A row that is locked is found as it
 * is by then, or not at all where it doesn't meet the conditions any more.
 *
 * - `for update`: nobody changes or deletes them.
 * - `for update skip locked`: passes over rows that others have locked. For work that is taken over, and for what several
 *   processes delete. It stands in a `with` of the statement that changes the rows: a sub-select may be run repeatedly.
 * - `for key share`: nobody deletes them. For a condition on a row of another table that is to hold until the commit.
 */
export type RowLock = "for update" | "for update skip locked" | "for key share";

/** @returns nothing for SQLite, where every transaction, and every statement that changes something, is alone. */
export function rowLock(db: AnyTables, lock: RowLock): RawBuilder<unknown> {
  return engineName(db) === "sqlite" ? sql`` : sql.raw(lock);
}

/** Whether a column has a text in it, as it stands. Far quicker than `like`, which compares by character. */
export function hasText(db: AnyTables, column: string, text: string): RawBuilder<boolean> {
  const find = sql.raw(engineName(db) === "sqlite" ? "instr" : "strpos");
  return sql<boolean>`${find}(${sql.ref(column)}, ${text}) > 0`;
}

/** A column in a condition for which SQLite's planner isn't to search an index. PostgreSQL's counts the rows itself. */
export function unindexed(db: AnyTables, column: string): RawBuilder<unknown> {
  return engineName(db) === "sqlite" ? sql`+${sql.ref(column)}` : sql.ref(column);
}
