import { type Database, engineName } from "@cita/database";
import { type RawBuilder, sql } from "kysely";
import type { Service } from "./service-databases.ts";

/** A table that is copied. */
export type CopiedTable = {
  readonly name: string;
  /** The column that identifies its rows, and by which they are read in order. */
  readonly key: string;
  readonly columns: readonly string[];
};

/** Of a column `key`: the same order in both engines, by numbers or by the bytes of texts. */
export type Key = string | number;
export type Row = Readonly<Record<string, string | number | null>>;

/** Rows that are read, written and compared at a time, which bounds the memory and what a killed copy repeats. */
export const pageSize = 500;

/** All tables of a service, those that others refer to first. @throws Error where the two databases' columns differ */
export async function readTables({ owners }: Service, source: Database, target: Database) {
  const tables: CopiedTable[] = [];
  for (const [name, key] of owners.flatMap((owner) => Object.entries(owner.tables))) {
    const columns = await readColumns(source, name);
    const others = await readColumns(target, name);
    if (columns.toSorted().join() !== others.toSorted().join())
      throw new Error(`The table ${name} hasn't the same columns in both databases. Nothing was copied.`);
    tables.push({ name, key, columns });
  }
  return tables;
}

/** @returns none where there is no such table. */
export async function readColumns(db: Database, table: string): Promise<string[]> {
  const columns =
    engineName(db) === "sqlite"
      ? sql<{ name: string }>`select name from pragma_table_info(${table}) order by cid`
      : sql<{ name: string }>`select column_name as name from information_schema.columns
          where table_schema = current_schema() and table_name = ${table} order by ordinal_position`;
  return (await columns.execute(db)).rows.map(({ name }) => name);
}

export async function countRows(db: Database, table: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** @param after the key that the page begins behind; null: it is the first page. */
export async function readPage(db: Database, table: CopiedTable, after: Key | null): Promise<Row[]> {
  const key = sql.ref(table.key);
  const page = sql<Row>`select ${columnList(table)} from ${sql.table(table.name)}
    ${after === null ? sql`` : sql`where ${key} > ${after}`} order by ${key} limit ${sql.lit(pageSize)}`;
  return (await page.execute(db)).rows;
}

export function columnList({ columns }: CopiedTable): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)));
}

/** @throws TypeError for a key that no row of ours has. */
export function keyOf(row: Row, { name, key }: CopiedTable): Key {
  const value = row[key];
  if (value === null || value === undefined) throw new TypeError(`A row of ${name} has no ${key}.`);
  return value;
}
