import { resolve } from "node:path";
import { Kysely } from "kysely";
import { type Changes, countChanges } from "./changes.ts";
import { inMemory, openReader, openWriter } from "./open-sqlite.ts";
import { createSqliteDialect } from "./sqlite-dialect.ts";
import { createWriteQueue } from "./write-queue.ts";

/** A database of one service. Each package that keeps tables in it adds their types with `withTables`. */
export type Database = Kysely<Record<never, never>>;

/** One that also tells whether anything in it may have changed. */
export type WatchedDatabase = Database & { readonly changes: Changes };

/** `DATABASE_URL` names no database we can open. `code` is `database_url`. */
export class DatabaseUrlError extends Error {
  readonly code = "database_url";
  override readonly name = "DatabaseUrlError";
}

export type OpenOptions = {
  /** True: a database that isn't there is an error, and is not made. */
  mustExist?: boolean;
  /** How long a write waits while another process holds the write lock. Default: 5 seconds. */
  lockTimeoutMs?: number;
};

/**
 * Opens the database a URL names: `file:./data/calendar.db` (relative to the working directory) or
 * `file::memory:`. The folder is made if it is missing.
 *
 * A commit is on the disk when it returns (`synchronous = FULL`): a booking said to be confirmed
 * must survive the power going out a moment later.
 *
 * Another process that holds the write lock holds up writes until `lockTimeoutMs`, and nothing else.
 *
 * @throws DatabaseUrlError when the URL's scheme isn't `file:`.
 * @throws DatabaseError when the file can't be used; so does every query later on.
 */
export function openDatabase(url: string, options: OpenOptions = {}): WatchedDatabase {
  const { mustExist = false, lockTimeoutMs = 5_000 } = options;
  const path = databasePath(url);
  const { counted: writer, changes } = countChanges(openWriter(path, mustExist));
  const reader = path === inMemory ? undefined : openReader(path);
  const dialect = createSqliteDialect({ writer, reader, queue: createWriteQueue(lockTimeoutMs) });
  return Object.assign(new Kysely<Record<never, never>>({ dialect }), { changes });
}

/** The file that a database URL names. @throws DatabaseUrlError */
export function databasePath(url: string): string {
  if (!url.startsWith("file:")) {
    throw new DatabaseUrlError(
      "The database URL must start with file: (for example file:./data/calendar.db).",
    );
  }
  const path = url.slice("file:".length).replace(/^\/\/(?=\/)/, "");
  return path === inMemory ? path : resolve(path);
}
