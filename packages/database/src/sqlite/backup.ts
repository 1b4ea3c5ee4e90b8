import Sqlite from "better-sqlite3";
import { BackupError, type Database } from "../database.ts";
import { explainSqliteError } from "./errors.ts";
import { findDamage } from "./health.ts";
import { databasePath, openSqlite } from "./open.ts";

/** Copies a database into a file that is there and empty. @throws BackupError, DatabaseError */
export async function backUpSqlite(
  url: string,
  file: string,
  prepare: (copy: Database) => Promise<void>,
): Promise<void> {
  await copyDatabase(databasePath(url), file);
  await completeCopy(file, prepare);
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
