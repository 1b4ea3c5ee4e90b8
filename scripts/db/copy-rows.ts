import type { Database } from "@cita/database";
import { sql } from "kysely";
import type { Progress, UnfinishedCopy } from "./copy-progress.ts";
import { type CopiedTable, columnList, keyOf, pageSize, type Row, readPage } from "./tables.ts";

type Copying = {
  readonly source: Database;
  readonly target: Database;
  readonly tables: readonly CopiedTable[];
  readonly copy: UnfinishedCopy;
  /** @param rows of the table that are in the target by now. */
  readonly onProgress: (table: string, rows: number) => void;
};

/**
 * Copies the rows that aren't in the target yet, page by page, each with its progress in one transaction.
 * @throws DatabaseError; Error for a row that PostgreSQL can't store.
 */
export async function copyRows({ source, target, tables, copy, onProgress }: Copying): Promise<void> {
  let progress: Progress = copy.progress;
  for (const table of tables) {
    let { after, rows } = progress[table.name] ?? { after: null, rows: 0 };
    for (;;) {
      const page = await readPage(source, table, after);
      const last = page.at(-1);
      if (last === undefined) break;
      after = keyOf(last, table);
      rows += page.length;
      progress = { ...progress, [table.name]: { after, rows } };
      await writePage({ target, copy, table, page, progress });
      onProgress(table.name, rows);
      if (page.length < pageSize) break;
    }
  }
}

type Writing = Pick<Copying, "target" | "copy"> & {
  readonly table: CopiedTable;
  readonly page: readonly Row[];
  readonly progress: Progress;
};

async function writePage({ target, copy, table, page, progress }: Writing): Promise<void> {
  try {
    await target.transaction().execute(async (trx) => {
      await copy.save(trx, progress);
      await insertRows(trx, table, page);
    });
  } catch (error) {
    const state = readSqlState(error);
    if (state === undefined) throw error;
    const row = await findUnstorable(target, table, page);
    // PostgreSQL's own message would quote the value.
    throw new Error(
      `PostgreSQL can't store the row of ${table.name} whose ${table.key} is ${row ?? "not known"} (SQLSTATE ${state}).`,
    );
  }
}

/** As one parameter, in which the target's columns say what type each value has. */
async function insertRows(trx: Database, table: CopiedTable, rows: readonly Row[]): Promise<void> {
  const name = sql.table(table.name);
  const columns = columnList(table);
  await sql`insert into ${name} (${columns})
    select ${columns} from json_populate_recordset(null::${name}, ${JSON.stringify(rows)})`.execute(trx);
}

/** @returns undefined for errors that have been explained, and for our own. */
function readSqlState(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

async function findUnstorable(target: Database, table: CopiedTable, page: readonly Row[]) {
  for (const row of page) {
    const trx = await target.startTransaction().execute();
    try {
      await insertRows(trx, table, [row]);
    } catch {
      return keyOf(row, table);
    } finally {
      await trx.rollback().execute();
    }
  }
  return undefined;
}
