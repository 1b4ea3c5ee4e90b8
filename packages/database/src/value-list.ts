import { type RawBuilder, sql } from "kysely";
import { type AnyTables, engineName } from "./engine.ts";

/**
 * Many values as one parameter, so that lists of different lengths are one SQL text: `where id in (select value from …)`,
 * or `from … as asked`. Each engine needs its own text.
 * @returns a table with the column `value`, in parentheses.
 */
export function valueList(
  db: AnyTables,
  type: "text" | "integer",
  values: readonly (string | number)[],
): RawBuilder<{ value: string | number }> {
  if (engineName(db) === "sqlite") return sql`(select value from json_each(${JSON.stringify(values)}))`;
  const array = type === "text" ? sql`${values}::text[]` : sql`${values}::int8[]`;
  return sql`(select value from unnest(${array}) as list(value))`;
}

const sliceLengths = [100, 10, 1];

/** Rows for inserts of many at once, in slices of few different lengths: so that any number of rows is few SQL texts. */
export function slices<Row>(rows: readonly Row[]): Row[][] {
  const cut: Row[][] = [];
  let from = 0;
  for (const length of sliceLengths)
    for (; rows.length - from >= length; from += length) cut.push(rows.slice(from, from + length));
  return cut;
}
