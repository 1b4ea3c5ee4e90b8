import { type Database, engineName } from "@cita/database";
import { sql } from "kysely";

export type Table = { readonly name: string; readonly columns: readonly string[] };

/** The tables of a service's database. */
export async function listTables(db: Database): Promise<Table[]> {
  const columns =
    engineName(db) === "sqlite"
      ? sql<Column>`select t.name as table_name, c.name as column_name
          from sqlite_schema as t join pragma_table_info(t.name) as c where t.type = 'table'`
      : sql<Column>`select table_name, column_name from information_schema.columns
          where table_schema = current_schema()`;
  const { rows } = await columns.execute(db);
  return [...Map.groupBy(rows, ({ table_name }) => table_name)].map(([name, columns]) => ({
    name,
    columns: columns.map(({ column_name }) => column_name),
  }));
}

type Column = { table_name: string; column_name: string };

export type Tables = Record<string, Record<string, unknown>[]>;

/** Written by the process all the time, and naming no customer. */
const ownTables = ["instances", "shared_counts"];

/** All rows of all other tables. */
export async function readAllTables(db: Database): Promise<Tables> {
  const tables: Tables = {};
  for (const { name } of await listTables(db)) {
    if (ownTables.includes(name)) continue;
    const found = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(db);
    // In an order of their own: PostgreSQL returns a row that was changed after the others.
    tables[name] = found.rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return tables;
}
