import { DatabaseError } from "../database.ts";
import { sqlite } from "./better-sqlite3.ts";

/** By the first part of SQLite's code: `SQLITE_IOERR_FSYNC` is an `IOERR`. */
const explanations: Readonly<Record<string, string>> = {
  FULL: "can't take more: the disk is full, or the file has reached its limit. What is stored is safe. Free some space on its disk.",
  READONLY:
    "can't be written. The file, its folder and the files -wal and -shm beside it must belong to the service's user, and the disk must not be mounted read-only.",
  CANTOPEN: "can't be opened. Check that it is there and that the service's user may read and write it.",
  CORRUPT: "is damaged. Stop the services, keep a copy of it, and restore the last backup.",
  NOTADB: "is not a SQLite database.",
  IOERR: "can't be read or written: the disk reports an error.",
  BUSY: "has been locked by another program for several seconds.",
};

/**
 * @param path of the database, named in the message.
 * @returns a DatabaseError that says what to do, or the error itself where no operator can mend it.
 * @see https://sqlite.org/rescode.html
 */
export function explainSqliteError(error: unknown, path: string): unknown {
  const code = sqlite.codeOf(error);
  const explanation = explanations[code?.split("_")[1] ?? ""];
  if (code === undefined || explanation === undefined) return error;
  return new DatabaseError(code, `The database ${path} ${explanation}`, { cause: error });
}

/**
 * Whether waiting for another connection's transaction helps. It doesn't for `SQLITE_BUSY_SNAPSHOT`: the transaction has
 * read what was changed since, and has to begin anew.
 * @see https://sqlite.org/rescode.html#busy
 */
export function isLocked(error: unknown): boolean {
  return error instanceof DatabaseError && lockedCodes.has(error.code);
}

/** The same, of an error as SQLite's library throws it. */
export function isBusy(error: unknown): boolean {
  return lockedCodes.has(sqlite.codeOf(error) ?? "");
}

const lockedCodes: ReadonlySet<string> = new Set(["SQLITE_BUSY", "SQLITE_BUSY_RECOVERY"]);
