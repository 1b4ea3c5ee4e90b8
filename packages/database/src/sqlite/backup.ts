import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import Sqlite from "better-sqlite3";
import type { Database } from "../database.ts";
import { explainSqliteError } from "./errors.ts";
import { findDamage } from "./health.ts";
import { databasePath, openSqlite } from "./open.ts";

/** The backup's file already exists, or the copy is damaged. */
export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly code: "backup_exists" | "backup_damaged";
  constructor(code: BackupError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Copies the database of one moment into one file, while other processes read and write it. The file gets its name when it
 * is complete and checked, and never replaces another file.
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

/** Readable for the current user only, as the database is. */
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
      // A read transaction fixes the moment. Without it SQLite restarts the copy after every write of a service.
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

/** Makes the backup one file, without a `-wal` that somebody might forget to copy. */
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
