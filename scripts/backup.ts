import { mkdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  backUpDatabase,
  type Database,
  databaseExists,
  isPostgresUrl,
  nameDatabase,
  openDatabase,
} from "@cita/database";
import { readConfig } from "@cita/process";
import { variables as mcpVariables, serviceName } from "../apps/mcp-calendar/src/config.ts";
import { prepareBackup } from "../apps/mcp-calendar/src/storage/prepare-backup.ts";
import { findDatabases, type ServiceDatabase } from "./db/service-databases.ts";
import { developmentEnvironment, readGivenEnvironment, readSecret } from "./development-environment.ts";
import { runCommand, UsageError } from "./run-command.ts";

const usage = `npm run backup -- <folder>
npm run backup -- --restored calendar-<time>.dump   once the dump is restored, before mcp-calendar starts`;

/** `npm run backup`: copies the services' databases, while the services run. Needs no encryption key. */
await runCommand(async (args) => {
  const [first, file, ...rest] = args;
  const given = await readGivenEnvironment();
  const { variables } = await developmentEnvironment(given, readSecret);
  if (first === "--restored" && file !== undefined && rest.length === 0) {
    const { DATABASE_URL } = readConfig(mcpVariables.pick({ DATABASE_URL: true }), variables);
    return prepareRestored(DATABASE_URL, file);
  }
  if (first === undefined || first.startsWith("-") || file !== undefined) throw new UsageError(usage);
  return backUp(first, await findDatabases(given, variables));
});

async function backUp(folder: string, databases: readonly ServiceDatabase[]): Promise<number> {
  const begun = Date.now();
  const missing: ServiceDatabase[] = [];
  for (const database of databases) {
    const { name: service, backupName, url } = database;
    if (!(await databaseExists(url, { service }))) {
      missing.push(database);
      continue;
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${backupName}-${formatTime(begun)}.${isPostgresUrl(url) ? "dump" : "db"}`);
    const prepare = service === serviceName ? (copy: Database) => prepareBackup(copy, begun) : undefined;
    await backUpDatabase(url, file, prepare, { service });
    process.stdout.write(`${file}  ${((await stat(file)).size / 1e6).toFixed(1)} MB\n`);
  }
  for (const { url, name: service } of missing) {
    process.stderr.write(`There is no ${nameDatabase(url, { service })}, so it was not backed up.\n`);
  }
  if (missing.length > 0) return 1;
  process.stdout.write(
    "What is sealed in it opens only with TOKEN_ENCRYPTION_KEY: keep that too, elsewhere.\n",
  );
  return 0;
}

/** What `prepareBackup` does to a copy of SQLite has to be done to a dump where it was restored. */
async function prepareRestored(url: string, file: string): Promise<number> {
  if (!isPostgresUrl(url)) throw new UsageError("Only a dump of PostgreSQL has to be prepared.");
  const at = readTime(basename(file));
  if (Number.isNaN(at)) throw new UsageError(usage);
  const db = openDatabase(url, { service: serviceName, mustExist: true });
  try {
    await prepareBackup(db, at);
  } finally {
    await db.destroy();
  }
  process.stdout.write(
    "Bookings that were being made when the dump was made are settled. Start the services.\n",
  );
  return 0;
}

/** `20261122T101500Z`: sorts by time, and is a valid file name on all systems. */
function formatTime(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/** @returns epoch milliseconds; NaN: it isn't the name of a dump of ours. */
function readTime(name: string): number {
  const found = /^calendar-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.dump$/.exec(name);
  const [, year, month, day, hour, minute, second] = found ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
