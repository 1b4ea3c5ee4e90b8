import pg from "pg";

const { builtins } = pg.types;

/** How values are read, so that rows are the same as SQLite's. Sums of 64-bit integers are `numeric` in PostgreSQL. */
const parsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, parseInteger],
  [builtins.NUMERIC, (text) => (/[.eN]/.test(text) ? Number(text) : parseInteger(text))],
  [builtins.BOOL, (text) => (text === "t" ? 1 : 0)],
  [builtins.JSON, (text) => text],
  [builtins.JSONB, (text) => text],
]);

function parseInteger(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError("The database holds an integer beyond 2^53, which a number can't hold.");
}

export const valueTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: string) =>
    (format === "binary" ? undefined : parsers.get(oid)) ?? pg.types.getTypeParser(oid, format as "text"),
};
