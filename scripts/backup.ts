import { existsSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { backUpDatabase, type Database, databasePath } from "@cita/database";
import { readConfig } from "@cita/process";
import { variables as adminVariables } from "../apps/admin-api/src/config.ts";
import { variables as mcpVariables } from "../apps/mcp-calendar/src/config.ts";
import { prepareBackup } from "../apps/mcp-calendar/src/storage/prepare-backup.ts";
import { developmentEnvironment, readGivenEnvironment, readSecret } from "./development-environment.ts";
import { runCommand, UsageError } from "./run-command.ts";

type BackedUp = { name: string; url: string; prepare?: (copy: Database) => Promise<void> };

/** `npm run backup -- <folder>`: copies both databases, while the services run. Needs no encryption key. */
await runCommand(async (args) => {
  const [folder, ...rest] = args;
  if (folder === undefined || rest.length > 0) throw new UsageError("npm run backup -- <folder>");
  const { variables } = await developmentEnvironment(await readGivenEnvironment(), readSecret);
  const mcp = readConfig(mcpVariables.pick({ DATABASE_URL: true }), variables);
  const admin = readConfig(adminVariables.pick({ ADMIN_DATABASE_URL: true }), variables);
  const begun = Date.now();
  const databases: BackedUp[] = [
    { name: "calendar", url: mcp.DATABASE_URL, prepare: (copy) => prepareBackup(copy, begun) },
    { name: "admin", url: admin.ADMIN_DATABASE_URL },
  ];
  const missing = databases.filter(({ url }) => !existsSync(databasePath(url)));
  if (missing.length < databases.length) await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const database of databases.filter((one) => !missing.includes(one))) {
    const file = join(folder, `${database.name}-${formatTime(begun)}.db`);
    await backUpDatabase(database.url, file, database.prepare);
    process.stdout.write(`${file}  ${((await stat(file)).size / 1e6).toFixed(1)} MB\n`);
  }
  for (const { url } of missing) {
    process.stderr.write(`There is no database at ${databasePath(url)}, so it was not backed up.\n`);
  }
  if (missing.length > 0) return 1;
  process.stdout.write(
    "What is sealed in it opens only with TOKEN_ENCRYPTION_KEY: keep that too, elsewhere.\n",
  );
  return 0;
});

/** `20261122T101500Z`: sorts by time, and is a valid file name on all systems. */
function formatTime(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}
