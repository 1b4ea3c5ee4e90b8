import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import Sqlite from "better-sqlite3";
import type { Database } from "../database.ts";
import { explainSqliteError } from "./errors.ts";
import { findDamage } from "./health.ts";
import { databasePath, openSqlite } from "./open.ts";

/** A backup would have replaced a file, or its copy is damaged: `code` says which. */
export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly code: "backup_exists" | "backup_damaged";
  constructor(code: BackupError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Copies a database as it is at one moment into one file, while others read and write it. The file gets
 * its name once it is complete and checked, and never replaces another file.
 *
 * @param file path of the copy, which must not exist.
 * @param prepare changes the copy before it is checked.
 * @throws BackupError, DatabaseError
 */
export async function backUpDatabase(
  url: string,
  file: string,
  prepare: (copy: Database) => Promise<void> = async () => undefined,
): Promise<void> {
  const partial = `${file}.partial`;
  if (existsSync(file)) throw backupExists(file);
  await createPrivately(partial);
  try {
    await copyDatabase(databasePath(url), partial);
    await completeCopy(partial, prepare);
    if (existsSync(file)) throw backupExists(file);
    await rename(partial, file);
  } catch (error) {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) await rm(`${partial}${suffix}`, { force: true });
    throw error;
  }
}

/** For the user alone who makes the backup, since it holds all that the database holds. */
async function createPrivately(file: string): Promise<void> {
  try {
    await (await open(file, "wx", 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw backupExists(file);
    throw error;
  }
}

async function copyDatabase(path: string, file: string): Promise<void> {
  try {
    const source = new Sqlite(path, { fileMustExist: true });
    try {
      // A read transaction fixes the moment. Without it SQLite starts the copy anew after every write of a service.
      source.exec("begin");
      source.prepare("select count(*) from sqlite_master").get();
      await source.backup(file);
    } finally {
      source.close();
    }
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}

async function completeCopy(file: string, prepare: (copy: Database) => Promise<void>): Promise<void> {
  const copy = openSqlite(file, { mustExist: true });
  try {
    await prepare(copy);
    const damage = await findDamage(copy);
    if (damage !== undefined) throw new BackupError("backup_damaged", `The copy is damaged: ${damage}.`);
  } finally {
    await copy.destroy();
  }
  mergeWal(file);
}

/** So that the backup is one file, without a `-wal` beside it that somebody forgets to copy. */
function mergeWal(file: string): void {
  try {
    const copy = new Sqlite(file, { fileMustExist: true });
    try {
      copy.pragma("journal_mode = delete");
    } finally {
      copy.close();
    }
  } catch (error) {
    throw explainSqliteError(error, file);
  }
}

function backupExists(file: string): BackupError {
  return new BackupError("backup_exists", `${file} is already there, and a backup replaces nothing.`);
}
