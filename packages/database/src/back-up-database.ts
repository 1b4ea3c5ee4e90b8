import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { BackupError, type Database, type OpenOptions } from "./database.ts";
import { isPostgresUrl } from "./open-database.ts";
import { backUpPostgres } from "./postgres/backup.ts";
import { backUpSqlite } from "./sqlite/backup.ts";

/**
 * Copies the database of one moment into one file, while other processes read and write it. The file gets its name when it
 * is complete and checked, and never replaces another file. SQLite: a database file. PostgreSQL: a dump of the service's
 * schema, made by the `pg_dump` of this machine and read by `pg_restore`.
 *
 * @param file path of the copy, which must not exist.
 * @param prepare changes a copy of SQLite before it is checked. A dump is prepared once it is restored.
 * @param options `service`, as for `openDatabase`.
 * @throws BackupError, DatabaseError
 */
export async function backUpDatabase(
  url: string,
  file: string,
  prepare: (copy: Database) => Promise<void> = async () => undefined,
  options: Pick<OpenOptions, "service"> = {},
): Promise<void> {
  const partial = `${file}.partial`;
  refuseExisting(file);
  await createPrivately(partial, file);
  try {
    if (isPostgresUrl(url)) await backUpPostgres(url, partial, options);
    else await backUpSqlite(url, partial, prepare);
    refuseExisting(file);
    await rename(partial, file);
  } catch (error) {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) await rm(`${partial}${suffix}`, { force: true });
    throw error;
  }
}

/** Readable for the current user only, as the database is. */
async function createPrivately(partial: string, file: string): Promise<void> {
  try {
    await (await open(partial, "wx", 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw backupExists(file);
    throw error;
  }
}

function refuseExisting(file: string): void {
  if (existsSync(file)) throw backupExists(file);
}

function backupExists(file: string): BackupError {
  return new BackupError("backup_exists", `${file} is already there, and a backup replaces nothing.`);
}
