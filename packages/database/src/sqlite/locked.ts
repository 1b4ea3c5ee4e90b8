import { Kysely } from "kysely";
import { type Database, DatabaseError } from "../database.ts";
import { sqlite } from "./better-sqlite3.ts";
import { createConnection, withExplainedErrors } from "./connection.ts";
import { createSqliteDialect } from "./dialect.ts";
import { createSqliteEngine } from "./engine.ts";
import { isBusy } from "./errors.ts";
import { databasePath } from "./open.ts";
import { createWriteQueue } from "./write-queue.ts";

/**
 * Opens a SQLite database that no process has open, a stopped or frozen one included, and keeps all others from opening it
 * until it is closed. It can be read only, outside transactions. Its file stays as it is, except that what a process that
 * crashed has left beside it (`-wal`) is moved into it, as by any opening.
 *
 * @throws DatabaseError; `SQLITE_BUSY` where it is open elsewhere.
 * @see https://sqlite.org/pragma.html#pragma_locking_mode
 */
export function openLocked(url: string): Database {
  const path = databasePath(url);
  const handle = withExplainedErrors(path, () => sqlite.open(path, { mustExist: true }));
  try {
    withExplainedErrors(path, () => lock(path, handle));
  } catch (error) {
    handle.close();
    throw error;
  }
  const writer = createConnection(handle, path);
  const queue = createWriteQueue(0);
  const dialect = createSqliteDialect({ writer, reader: undefined, queue }, createSqliteEngine(queue, 0));
  return new Kysely({ dialect });
}

/** In WAL mode each process that has the file open holds a shared lock of it, although it does nothing. */
function lock(path: string, handle: ReturnType<typeof sqlite.open>): void {
  try {
    for (const pragma of ["busy_timeout = 0", "locking_mode = EXCLUSIVE", "wal_checkpoint(TRUNCATE)"]) {
      handle.exec(`pragma ${pragma}`);
    }
    handle.exec("begin exclusive");
    handle.exec("pragma query_only = ON");
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new DatabaseError(
      "SQLITE_BUSY",
      `The database ${path} is in use. Stop every service and program that has it open, and try again.`,
      { cause: error },
    );
  }
}
