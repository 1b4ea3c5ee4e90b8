import type { Database, OpenOptions } from "./database.ts";
import { databasePath, openSqlite } from "./sqlite/open.ts";

/**
 * Opens a database with the engine of the URL's scheme. The caller closes it with `destroy()`.
 *
 * @param url `file:./data/calendar.db`, relative to the working directory, or `file::memory:`. A missing file and its
 *   folder are created.
 * @throws DatabaseUrlError where no engine has the URL's scheme.
 * @throws DatabaseError where the database can't be used; every query may throw it too.
 */
export function openDatabase(url: string, options: OpenOptions = {}): Database {
  return openSqlite(databasePath(url), options);
}
