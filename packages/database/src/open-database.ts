import { type Database, DatabaseUrlError, type OpenOptions } from "./database.ts";
import { openPostgres } from "./postgres/open.ts";
import { databasePath, openSqlite } from "./sqlite/open.ts";

/**
 * Opens a database with the engine of the URL's scheme. The caller closes it with `destroy()`.
 *
 * @param url `file:./data/calendar.db`, relative to the working directory, or `file::memory:`: a missing file and its
 *   folder are created. Or `postgres://user:password@host:5432/database`, with parameters as in `postgres/url.ts`: it is
 *   reached by the first query, and a missing schema is created.
 * @throws DatabaseUrlError where no engine opens the URL.
 * @throws DatabaseError where the database can't be used; every query may throw it too.
 */
export function openDatabase(url: string, options: OpenOptions = {}): Database {
  if (isPostgresUrl(url)) return openPostgres(url, options);
  if (url.startsWith("file:")) return openSqlite(databasePath(url), options);
  throw new DatabaseUrlError(
    "The database URL must start with file: (for example file:./data/calendar.db) or postgres:// (postgres://user:password@host:5432/database).",
  );
}

export function isPostgresUrl(url: string): boolean {
  return /^postgres(?:ql)?:/i.test(url);
}
