/**
 * SQLite behind the contract of `../database.ts`: a writing and a reading connection to one file (`connection.ts`), which
 * `dialect.ts` presents to Kysely as one database. The library is `better-sqlite3.ts` or `node-sqlite.ts`.
 */

import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Kysely } from "kysely";
import { type Database, DatabaseUrlError, type OpenOptions } from "../database.ts";
import { connectReader, connectWriter } from "./connection.ts";
import { createSqliteDialect } from "./dialect.ts";
import { createSqliteEngine } from "./engine.ts";
import { createWriteQueue } from "./write-queue.ts";

const inMemory = ":memory:";

/** @param path of a file, or `:memory:`. @throws DatabaseError */
export function openSqlite(path: string, options: OpenOptions = {}): Database {
  const { mustExist = false, lockTimeoutMs = 5_000 } = options;
  if (path !== inMemory && !mustExist) createPrivately(path);
  const writer = connectWriter(path, { mustExist });
  // A database in memory belongs to one connection.
  const reader = path === inMemory ? undefined : connectReader(path);
  const queue = createWriteQueue(lockTimeoutMs);
  const engine = createSqliteEngine(queue, lockTimeoutMs);
  return new Kysely({ dialect: createSqliteDialect({ writer, reader, queue }, engine) });
}

/** @returns the absolute path of the file that a `file:` URL names, or `:memory:`. @throws DatabaseUrlError */
export function databasePath(url: string): string {
  if (!url.startsWith("file:")) {
    throw new DatabaseUrlError(
      "The database URL must start with file: (for example file:./data/calendar.db).",
    );
  }
  const path = url.slice("file:".length).replace(/^\/\/(?=\/)/, "");
  return path === inMemory ? path : resolve(path);
}

/** Makes the file readable for the service's user only. SQLite gives `-wal` and `-shm` the same mode. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
}
