import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import Sqlite from "better-sqlite3";
import { explainSqliteError } from "./database-error.ts";
import { findDamage } from "./find-damage.ts";
import { type Database, databasePath, openDatabase } from "./open-database.ts";

/** A backup would have replaced a file, or isn't whole. `code` says which. */
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
 * its name when it is whole and has been checked; it never takes another's place.
 *
 * @param prepare what the copy needs before it is one: it may change it.
 * @throws BackupError, DatabaseError
 */
export async function backUpDatabase(
  url: string,
  file: string,
  prepare: (copy: Database) => Promise<void> = async () => undefined,
): Promise<void> {
  const partial = `${file}.partial`;
  if (existsSync(file)) throw exists(file);
  await reserve(partial);
  try {
    await copyDatabase(databasePath(url), partial);
    await completeCopy(partial, prepare);
    if (existsSync(file)) throw exists(file);
    await rename(partial, file);
  } catch (error) {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) await rm(`${partial}${suffix}`, { force: true });
    throw error;
  }
}

/** For its owner alone: it holds what the database holds. */
async function reserve(file: string): Promise<void> {
  try {
    await (await open(file, "wx", 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw exists(file);
    throw error;
  }
}

async function copyDatabase(path: string, file: string): Promise<void> {
  try {
    const source = new Sqlite(path, { fileMustExist: true });
    try {
      // An open reading pins the moment. Otherwise every write of a service would start the copy anew.
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
  const copy = openDatabase(`file:${file}`, { mustExist: true });
  try {
    await prepare(copy);
    const damage = await findDamage(copy);
    if (damage !== undefined) throw new BackupError("backup_damaged", `The copy is damaged: ${damage}.`);
  } finally {
    await copy.destroy();
  }
  joinFiles(file);
}

/** One file, with nothing beside it that could be forgotten. */
function joinFiles(file: string): void {
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

function exists(file: string): BackupError {
  return new BackupError("backup_exists", `${file} is already there, and a backup replaces nothing.`);
}
