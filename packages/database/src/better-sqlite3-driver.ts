import Sqlite from "better-sqlite3";
import type { SqliteDriver } from "./sqlite-driver.ts";

/** What the services run on. The bundle for one machine has `node-sqlite-driver.ts` in its place. */
export const sqliteDriver: SqliteDriver = {
  open: (path, { mustExist }) => new Sqlite(path, { fileMustExist: mustExist }),
  codeOf: (error) => (error instanceof Sqlite.SqliteError ? error.code : undefined),
};
