import Sqlite from "better-sqlite3";
import type { SqliteLibrary } from "./library.ts";

/** The native library. The stdio bundle replaces this module with `node-sqlite.ts`. */
export const sqlite: SqliteLibrary = {
  open: (path, { mustExist }) => new Sqlite(path, { fileMustExist: mustExist }),
  codeOf: (error) => (error instanceof Sqlite.SqliteError ? error.code : undefined),
};
