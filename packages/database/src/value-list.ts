import { type RawBuilder, sql } from "kysely";
import { type AnyTables, engineName } from "./engine.ts";

export type ColumnType = "text" | "integer";

/**
 * Many values as one parameter, so that lists of different lengths are one SQL text: `where id in (select value from …)`,
 * or `from … as asked`. Each engine needs its own text.
 * @returns a table with the column `value`, in parentheses.
 */
export function valueList(
  db: AnyTables,
  type: ColumnType,
  values: readonly (string | number)[],
): RawBuilder<{ value: string | number }> {
  if (engineName(db) === "sqlite") return sql`(select value from json_each(${JSON.stringify(values)}))`;
  const array = type === "text" ? sql`${values}::text[]` : sql`${values}::int8[]`;
  return sql`(select value from unnest(${array}) as list(value))`;
}

type RowValue = string | number | null;

/**
 * Rows as few parameters, so that any number of them is one SQL text: `update … from … as listed where …`.
 * @returns a table with the columns, in parentheses.
 */
export function rowList<Row extends Readonly<Record<keyof Row, RowValue>>>(
  db: AnyTables,
  columns: Readonly<Record<keyof Row & string, ColumnType>>,
  rows: readonly Row[],
): RawBuilder<Row> {
  const names = Object.keys(columns) as (keyof Row & string)[];
  if (engineName(db) === "sqlite") {
    const read = names.map((name) => sql`value ->> ${sql.lit(name)} as ${sql.ref(name)}`);
    return sql`(select ${sql.join(read)} from json_each(${JSON.stringify(rows)}))`;
  }
  const arrays = names.map((name) => {
    const values = rows.map((row) => row[name]);
    return columns[name] === "text" ? sql`${values}::text[]` : sql`${values}::int8[]`;
  });
  const list = sql.join(names.map((name) => sql.ref(name)));
  // With `*` it would have no prepared name: postgres/statement-names.ts.
  return sql`(select ${list} from unnest(${sql.join(arrays)}) as list(${list}))`;
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
