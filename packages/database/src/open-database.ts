import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from "kysely";
import { sqliteDriver } from "./better-sqlite3-driver.ts";
import { type Changes, countChanges } from "./changes.ts";
import { explainSqliteError } from "./database-error.ts";
import { isAlreadyRolledBack } from "./rollback.ts";
import type { SqliteFile } from "./sqlite-driver.ts";

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
};

/**
 * Opens the database a URL names: `file:./data/calendar.db` (relative to the working directory) or
 * `file::memory:`. The folder is made if it is missing.
 *
 * A commit is on the disk when it returns (`synchronous = FULL`): a booking said to be confirmed
 * must survive the power going out a moment later.
 *
 * @throws DatabaseUrlError when the URL's scheme isn't `file:`.
 * @throws DatabaseError when the file can't be used; so does every query later on.
 */
export function openDatabase(url: string, options: OpenOptions = {}): WatchedDatabase {
  const path = databasePath(url);
  const database = explaining(path, () => openSqlite(path, options));
  const { counted, changes } = countChanges(reusingStatements(database, path));
  const dialect = new WritingSqliteDialect({ database: counted });
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

const inMemory = ":memory:";

/**
 * Our transactions are all there to write. SQLite's default takes the write lock at the first write;
 * if another process has written since the first read, that fails at once, however long one may wait.
 */
class WritingSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch((error: unknown) => {
      if (!isAlreadyRolledBack(error)) throw error;
    });
  }
}

class WritingSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;
  constructor(config: { database: SqliteDatabase }) {
    super(config);
    this.#database = config.database;
  }
  override createDriver(): WritingSqliteDriver {
    return new WritingSqliteDriver({ database: this.#database });
  }
}

function openSqlite(path: string, { mustExist = false }: OpenOptions): SqliteFile {
  if (path !== inMemory && !mustExist) makePrivate(path);
  const database = sqliteDriver.open(path, { mustExist });
  database.exec("pragma busy_timeout = 5000");
  database.exec("pragma journal_mode = WAL");
  database.exec("pragma synchronous = FULL");
  database.exec("pragma foreign_keys = ON");
  return database;
}

/** What is made is for nobody else; SQLite gives the files it puts beside it the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
}

/** Our queries are a few dozen texts; a list of ids makes some more. */
const mostStatements = 200;

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
      if (statements.size >= mostStatements) statements.clear();
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
