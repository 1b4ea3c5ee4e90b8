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
