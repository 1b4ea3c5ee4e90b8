import { sqliteDriver } from "./better-sqlite3-driver.ts";

/** The database can't be used, for a reason an operator can mend. `code` is SQLite's own, such as `SQLITE_FULL`. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

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

/** Says which file it is and what to do; an error that isn't the operator's to mend is returned as it is. */
export function explainSqliteError(error: unknown, path: string): unknown {
  const code = sqliteDriver.codeOf(error);
  const explanation = explanations[code?.split("_")[1] ?? ""];
  if (code === undefined || explanation === undefined) return error;
  return new DatabaseError(code, `The database ${path} ${explanation}`, { cause: error });
}
