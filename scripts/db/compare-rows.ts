import { createHash } from "node:crypto";
import type { Database } from "@cita/database";
import { type CopiedTable, type Key, keyOf, pageSize, type Row, readPage } from "./tables.ts";

type Databases = { readonly source: Database; readonly target: Database };

/** What a table holds in both databases. */
export type Compared = { readonly rows: number; readonly sha256: string };

/** A row isn't the same in both. The message names it. */
export class RowsDifferError extends Error {
  override readonly name = "RowsDifferError";
}

/**
 * Reads a whole table of both databases, in the order of its key, and compares every column of every row.
 * @returns the number of rows and a hash over them.
 * @throws RowsDifferError for the first row that isn't the same in both.
 */
export async function compareRows({ source, target }: Databases, table: CopiedTable): Promise<Compared> {
  const hash = createHash("sha256");
  let rows = 0;
  let after: Key | null = null;
  for (;;) {
    const [page, copied]: [Row[], Row[]] = await Promise.all([
      readPage(source, table, after),
      readPage(target, table, after),
    ]);
    refuseDifference(table, page, copied);
    for (const row of page) hash.update(`${toText(row, table)}\n`);
    rows += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return { rows, sha256: hash.digest("hex") };
    after = keyOf(last, table);
  }
}

function refuseDifference(table: CopiedTable, page: readonly Row[], copied: readonly Row[]): void {
  for (let i = 0; i < Math.max(page.length, copied.length); i++) {
    const [row, other] = [page[i], copied[i]];
    if (row && other && toText(row, table) === toText(other, table)) continue;
    const [first] = [row, other].flatMap((one) => (one ? keyOf(one, table) : [])).sort(compareKeys);
    throw new RowsDifferError(
      `The row of ${table.name} whose ${table.key} is ${first} isn't the same in both databases: something else writes into the target. Drop its schema, and copy again.`,
    );
  }
}

function compareKeys(a: Key, b: Key): number {
  return a < b ? -1 : 1;
}

function toText(row: Row, { columns }: CopiedTable): string {
  return JSON.stringify(columns.map((column) => row[column]));
}
