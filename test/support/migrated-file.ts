import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MigrationSet, migrate, openDatabase } from "@cita/database";
import { renewLogId } from "@cita/events";
import { withinFolder } from "./test-folder.ts";

/** SQLite files in which migrations have run and nothing else has. */
const migrated = new Map<readonly MigrationSet[], Promise<Buffer>>();

/**
 * Lays a service's database as its first start makes it. Migrating was the longest part of most tests that start services:
 * a test process does it once for each service, and each test gets a copy, with an event log of its own.
 * @returns its URL
 */
export async function layMigratedFile(path: string, owners: readonly MigrationSet[]): Promise<string> {
  const content = migrated.get(owners) ?? migrateFile(owners);
  migrated.set(owners, content);
  writeFileSync(path, await content, { mode: 0o600 });
  const url = `file:${path}`;
  const copy = openDatabase(url);
  await renewLogId(copy);
  await copy.destroy();
  return url;
}

function migrateFile(owners: readonly MigrationSet[]): Promise<Buffer> {
  return withinFolder(async (folder) => {
    const path = join(folder, "migrated.db");
    const db = openDatabase(`file:${path}`);
    for (const owner of owners) await migrate(db, owner);
    await db.destroy();
    return readFileSync(path);
  });
}
