import {
  type Database,
  databaseExists,
  engineName,
  migrationState,
  nameDatabase,
  openDatabase,
  unfinishedCopy,
} from "@cita/database";
import { sql } from "kysely";
import type { ServiceDatabase } from "./service-databases.ts";
import { countRows, readColumns } from "./tables.ts";

/** Prints what is in each database, and changes nothing. @returns 1 where a service can't start over one as it is */
export async function status(databases: readonly ServiceDatabase[]): Promise<number> {
  let code = 0;
  for (const database of databases) {
    const { text, isReady } = await describe(database);
    process.stdout.write(text);
    if (!isReady) code = 1;
  }
  return code;
}

type Description = { readonly text: string; readonly isReady: boolean };

async function describe({ name, url, owners }: ServiceDatabase): Promise<Description> {
  const options = { service: name, mustExist: true, acceptUnfinishedCopy: true };
  const place = nameDatabase(url, options);
  if (!(await databaseExists(url, options)))
    return { text: `${name}: there is no ${place} yet. npm run db -- migrate makes it.\n`, isReady: false };
  const db = openDatabase(url, options);
  try {
    const states = await Promise.all(owners.map((owner) => migrationState(db, owner)));
    const pending = states.flatMap((state) => state.pending);
    const unknown = states.flatMap((state) => state.unknown);
    const isUnfinished = (await readColumns(db, unfinishedCopy)).length > 0;
    const lines = [
      `${name}: ${place}`,
      `  engine      ${await readEngine(db)}`,
      `  schema      ${describeSchema(pending, unknown)}`,
      ...(isUnfinished ? ["  copy        not complete: repeat npm run db -- copy"] : []),
      ...(await describeRows(
        db,
        owners.flatMap(({ tables }) => Object.keys(tables)),
      )),
    ];
    const isReady = pending.length === 0 && unknown.length === 0 && !isUnfinished;
    return { text: `${lines.join("\n")}\n`, isReady };
  } finally {
    await db.destroy();
  }
}

async function readEngine(db: Database): Promise<string> {
  const isSqlite = engineName(db) === "sqlite";
  const version = isSqlite ? sql`sqlite_version()` : sql`current_setting('server_version')`;
  const { rows } = await sql<{ version: string }>`select ${version} as version`.execute(db);
  return `${isSqlite ? "SQLite" : "PostgreSQL"} ${rows[0]?.version}`;
}

function describeSchema(pending: readonly string[], unknown: readonly string[]): string {
  if (unknown.length > 0) return `newer than this code: ${unknown.join(", ")} is not known here`;
  if (pending.length > 0) return `pending, for npm run db -- migrate: ${pending.join(", ")}`;
  return "up to date";
}

async function describeRows(db: Database, tables: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const table of tables) {
    // Missing where migrations are pending.
    if ((await readColumns(db, table)).length === 0) continue;
    lines.push(`  ${table.padEnd(20)} ${String(await countRows(db, table)).padStart(10)} rows`);
  }
  return lines;
}
