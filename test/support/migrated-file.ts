import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MigrationSet, migrate, openDatabase } from "@cita/database";
import { renewLogId } from "@cita/events";
import { withinFolder } from "./test-folder.ts";

type MigrationSets = readonly MigrationSet[];

/** SQLite files in which migrations have run and nothing else has. */
const migrated = new Map<MigrationSets, Promise<Buffer>>();

/**
 * Writes a service's database as its first start makes it. Migrating was the longest part of most tests that start
 * services: a test process does it once for each service, and each test gets a copy, with an event log of its own.
 * @returns its URL
 */
export async function copyMigratedFile(path: string, migrationSets: MigrationSets): Promise<string> {
  const file = migrated.get(migrationSets) ?? migrateFile(migrationSets);
  migrated.set(migrationSets, file);
  writeFileSync(path, await file, { mode: 0o600 });
  const url = `file:${path}`;
  const copy = openDatabase(url);
  await renewLogId(copy);
  await copy.destroy();
  return url;
}

function migrateFile(migrationSets: MigrationSets): Promise<Buffer> {
  return withinFolder(async (folder) => {
    const path = join(folder, "migrated.db");
    const db = openDatabase(`file:${path}`);
    for (const set of migrationSets) await migrate(db, set);
    await db.destroy();
    return readFileSync(path);
  });
}
