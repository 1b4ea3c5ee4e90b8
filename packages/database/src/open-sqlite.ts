import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { sqliteDriver } from "./better-sqlite3-driver.ts";
import { explainSqliteError } from "./database-error.ts";
import type { SqliteFile } from "./sqlite-driver.ts";

export const inMemory = ":memory:";

type Role = { mustExist: boolean; pragmas: readonly string[] };

/**
 * The connection that writes. A commit is on the disk when it returns (`synchronous = FULL`), and what is deleted
 * or overwritten is zeroed in the file (`secure_delete`): data that was erased can't be read from free pages.
 * @param mustExist true: a file that isn't there is an error, and is not made.
 * @throws DatabaseError
 */
export function openWriter(path: string, mustExist: boolean): SqliteDatabase {
  if (path !== inMemory && !mustExist) explaining(path, () => makePrivate(path));
  const pragmas = ["journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"];
  return openSqlite(path, { mustExist, pragmas });
}

/** A second connection to a file that a writer has opened. It can't write. @throws DatabaseError */
export function openReader(path: string): SqliteDatabase {
  return openSqlite(path, { mustExist: true, pragmas: ["query_only = ON"] });
}

function openSqlite(path: string, { mustExist, pragmas }: Role): SqliteDatabase {
  const file = explaining(path, () => {
    const file = sqliteDriver.open(path, { mustExist });
    // Several processes that start at once wait for each other here, where nobody is served yet.
    for (const pragma of ["busy_timeout = 5000", ...pragmas, cacheSize]) file.exec(`pragma ${pragma}`);
    // From now on nobody sleeps: see write-queue.ts.
    file.exec("pragma busy_timeout = 0");
    return file;
  });
  return reusingStatements(file, path);
}

/** In KiB: the two connections together hold as much of a file in memory as better-sqlite3 gives to one. */
const cacheSize = "cache_size = -8000";

/** What is made is for nobody else; SQLite gives the files it puts beside it the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
}

/** Our queries are a few dozen texts; a list of ids makes some more. */
const maxStatements = 200;

/**
 * Prepares each SQL text once. Kysely prepares it for every query, and what SQLite allocates for it
 * is only freed when the garbage collector comes by, which knows nothing of that memory.
 */
function reusingStatements(database: SqliteFile, path: string): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare: (sql) => {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      if (statements.size >= maxStatements) statements.clear();
      const statement = explainingStatement(
        path,
        explaining(path, () => database.prepare(sql)),
      );
      statements.set(sql, statement);
      return statement;
    },
    close: () => {
      statements.clear();
      database.close();
    },
  };
}

function explainingStatement(path: string, statement: SqliteStatement): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => explaining(path, () => statement.all(parameters)),
    run: (parameters) => explaining(path, () => statement.run(parameters)),
    iterate: (parameters) => explaining(path, () => statement.iterate(parameters)),
  };
}

function explaining<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}
