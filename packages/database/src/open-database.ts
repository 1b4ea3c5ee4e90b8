import type { Database, OpenOptions } from "./database.ts";
import { databasePath, openSqlite } from "./sqlite/open.ts";

/**
 * Opens the database that a URL names. SQLite is the only engine; another one is chosen here, by the URL's
 * scheme. Who opens a database closes it, by `destroy()`.
 *
 * @param url `file:./data/calendar.db`, relative to the working directory, or `file::memory:`. A file and
 *   its folder are made where they are missing.
 * @throws DatabaseUrlError when no engine has the URL's scheme.
 * @throws DatabaseError when the database can't be used; so does every query later on.
 */
export function openDatabase(url: string, options: OpenOptions = {}): Database {
  return openSqlite(databasePath(url), options);
}
