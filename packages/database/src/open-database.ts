import { existsSync } from "node:fs";
import { sql } from "kysely";
import { type Database, DatabaseError, DatabaseUrlError, type OpenOptions } from "./database.ts";
import { openPostgres } from "./postgres/open.ts";
import { parsePostgresUrl } from "./postgres/url.ts";
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
  throw new DatabaseUrlError(`The database URL ${schemes}.`);
}

const schemes =
  "must start with file: (for example file:./data/calendar.db) or postgres:// (postgres://user:password@host:5432/database)";

/**
 * For a configuration that is refused before anything is opened.
 * @returns what is wrong with the URL, in words after the name of its variable; undefined: an engine opens it.
 */
export function findUrlProblem(url: string, options: OpenOptions = {}): string | undefined {
  if (!isPostgresUrl(url)) return /^file:./.test(url) ? undefined : schemes;
  try {
    parsePostgresUrl(url, options);
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseUrlError) return `can't be used: ${error.message.replace(/\.$/, "")}`;
    throw error;
  }
}

/** Names a database in messages: by its file, or by server and schema, without user and password. */
export function nameDatabase(url: string, options: OpenOptions = {}): string {
  if (!isPostgresUrl(url)) return `database at ${databasePath(url)}`;
  const { place, schema } = parsePostgresUrl(url, options);
  return `${place} (schema ${schema})`;
}

/**
 * Whether there is a database: the file, or in PostgreSQL the schema. Makes none.
 * @throws DatabaseError where that can't be found out.
 */
export async function databaseExists(url: string, options: OpenOptions = {}): Promise<boolean> {
  if (!isPostgresUrl(url)) return existsSync(databasePath(url));
  const db = openPostgres(url, { ...options, mustExist: true });
  try {
    await sql`select 1`.execute(db);
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === "POSTGRES_NO_SCHEMA") return false;
    throw error;
  } finally {
    await db.destroy();
  }
}

export function isPostgresUrl(url: string): boolean {
  return /^postgres(?:ql)?:/i.test(url);
}
