/**
 * Copies a service's database from SQLite to PostgreSQL: what is copied and in which order (here), up to where it is
 * (`copy-progress.ts`), the rows (`copy-rows.ts`), the comparison at the end (`compare-rows.ts`) and the ids that are given
 * next (`set-sequences.ts`). Values go from one database to the other as they are: sealed ones stay sealed.
 * @see docs/decisions/0066-moving-house.md
 */

import { statSync } from "node:fs";
import {
  type Database,
  DatabaseError,
  databasePath,
  findUrlProblem,
  isPostgresUrl,
  migrate,
  migrationState,
  nameDatabase,
  openDatabase,
  openLocked,
} from "@cita/database";
import { UsageError } from "../run-command.ts";
import { compareRows, RowsDifferError } from "./compare-rows.ts";
import { claimTarget, TargetTakenError, type UnfinishedCopy } from "./copy-progress.ts";
import { copyRows } from "./copy-rows.ts";
import { createProgressPrinter } from "./progress-printer.ts";
import { type Service, serviceDatabases } from "./service-databases.ts";
import { setSequences } from "./set-sequences.ts";
import { type CopiedTable, readTables } from "./tables.ts";

type Copying = {
  readonly service: Service;
  readonly source: Database;
  readonly target: Database;
};

/** @throws UsageError, DatabaseError, Error with a sentence for the operator. */
export async function copy({ from, to }: { from: string; to: string }): Promise<number> {
  if (isPostgresUrl(from) || findUrlProblem(from) !== undefined)
    throw new UsageError("--from must be a SQLite database, such as file:./data/calendar.db.");
  if (!isPostgresUrl(to)) throw new UsageError("--to must be a PostgreSQL database, postgres://…");
  const source = openLocked(from);
  try {
    const service = await findOwner(source, from);
    const options = { service: service.name, acceptUnfinishedCopy: true };
    const problem = findUrlProblem(to, options);
    if (problem !== undefined) throw new UsageError(`--to ${problem}.`);
    const place = nameDatabase(to, options);
    process.stdout.write(`${service.name}: from the ${nameDatabase(from)} to the ${place}\n`);
    const target = openDatabase(to, options);
    try {
      await copyAll({ service, source, target }, identify(from));
    } catch (error) {
      throw error instanceof DatabaseError ? withAdvice(error) : error;
    } finally {
      await target.destroy();
    }
    process.stdout.write(
      `Complete: every row is the same in both. Start ${service.name} with the new URL, and never again over the old file.\n`,
    );
    return 0;
  } finally {
    await source.destroy();
  }
}

/** The service whose tables are in the source, all of them as this code knows them. */
async function findOwner(source: Database, url: string): Promise<Service> {
  const place = nameDatabase(url);
  for (const service of serviceDatabases) {
    if (!(await hasTablesOf(source, service))) continue;
    const states = await Promise.all(service.owners.map((owner) => migrationState(source, owner)));
    const pending = states.flatMap((state) => state.pending);
    const unknown = states.flatMap((state) => state.unknown);
    if (unknown.length > 0)
      throw new Error(
        `The ${place} is newer than this code: ${unknown.join(", ")} is not known here. Copy it with the version that ${service.name} ran with.`,
      );
    if (pending.length > 0)
      throw new Error(
        `The ${place} is older than this code: ${pending.join(", ")} is still to be done. npm run db -- migrate does it.`,
      );
    return service;
  }
  throw new Error(`The ${place} has no tables of any service.`);
}

/** Whether there are tables that this service has and no other. */
async function hasTablesOf(source: Database, service: Service): Promise<boolean> {
  const others = serviceDatabases.filter((one) => one !== service).flatMap(({ owners }) => owners);
  const own = service.owners.filter((owner) => !others.includes(owner));
  for (const owner of own) {
    const { pending, unknown } = await migrationState(source, owner);
    if (unknown.length > 0 || pending.length < Object.keys(owner.migrations).length) return true;
  }
  return false;
}

/** The same as long as nothing was written into the file. */
function identify(url: string): string {
  const { size, mtimeNs } = statSync(databasePath(url), { bigint: true });
  return `${size} bytes, changed at ${mtimeNs} ns`;
}

async function copyAll({ service, source, target }: Copying, content: string): Promise<void> {
  for (const owner of service.owners) await migrate(target, owner);
  const tables = await readTables(service, source, target);
  const unfinished = await claimTarget(target, { service, tables, source: content }).catch(
    async (error: unknown) => {
      if (error instanceof TargetTakenError && (await isComplete({ source, target }, tables)))
        return undefined;
      throw error;
    },
  );
  if (unfinished === undefined)
    return void process.stdout.write("The copy was complete already, and nothing was changed.\n");
  process.stdout.write(beginning(unfinished));
  const print = await createProgressPrinter(source, tables, unfinished.progress);
  await copyRows({ source, target, tables, copy: unfinished, onProgress: print });
  await compareAll({ source, target }, tables);
  await target.transaction().execute(async (trx) => {
    await setSequences(source, trx, tables);
    await unfinished.finish(trx);
  });
}

/** Whether the target has what a copy ends with: whoever repeats it may not have heard that it had ended. */
async function isComplete(
  databases: Omit<Copying, "service">,
  tables: readonly CopiedTable[],
): Promise<boolean> {
  try {
    for (const table of tables) await compareRows(databases, table);
    return true;
  } catch (error) {
    if (error instanceof RowsDifferError) return false;
    throw error;
  }
}

function beginning({ progress, isAnew }: UnfinishedCopy): string {
  if (isAnew) return "The source has changed since this copy was begun: it is begun anew.\n";
  const rows = Object.values(progress).reduce((sum, table) => sum + table.rows, 0);
  return rows === 0 ? "" : `Going on after ${rows} rows.\n`;
}

async function compareAll(
  databases: Omit<Copying, "service">,
  tables: readonly CopiedTable[],
): Promise<void> {
  process.stdout.write("Comparing every row:\n");
  for (const table of tables) {
    const { rows, sha256 } = await compareRows(databases, table);
    process.stdout.write(
      `  ${table.name.padEnd(20)} ${String(rows).padStart(10)} rows  sha256 ${sha256.slice(0, 16)}\n`,
    );
  }
}

/** What was committed is kept, whatever has gone wrong. */
function withAdvice(error: DatabaseError): DatabaseError {
  const text = `${error.message} Once that is mended, repeat the command: it goes on where it was.`;
  return new DatabaseError(error.code, text, { cause: error });
}
