import type { CompiledQuery, QueryResult } from "kysely";
import { sqlite } from "./better-sqlite3.ts";
import { explainSqliteError, isBusy } from "./errors.ts";
import type { SqliteHandle, SqliteStatement } from "./library.ts";

/**
 * One connection to a database. Once it is open it never waits for a lock, which would block the event loop: a locked
 * database is a DatabaseError at once, and write-queue.ts waits.
 */
export type SqliteConnection = {
  /** @throws DatabaseError, or SQLite's own error where no operator can mend it. */
  execute<Row>(query: CompiledQuery): QueryResult<Row>;
  close(): void;
};

/**
 * The connection that writes. A commit is on the disk when it returns (`synchronous = FULL`). Deleted and overwritten data
 * is zeroed in the file (`secure_delete`), so that erased data can't be read from free pages.
 * @param options `mustExist`: opening fails where the file doesn't exist.
 * @throws DatabaseError
 */
export function connectWriter(path: string, options: { mustExist: boolean }): SqliteConnection {
  const pragmas = ["journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"];
  return connect(path, options, pragmas);
}

/** A read-only connection to a file that a writer has opened. @throws DatabaseError */
export function connectReader(path: string): SqliteConnection {
  return connect(path, { mustExist: true }, ["query_only = ON"]);
}

/** In KiB. Both connections together have the page cache that better-sqlite3 gives to one. */
const cacheSize = "cache_size = -8000";

function connect(
  path: string,
  options: { mustExist: boolean },
  pragmas: readonly string[],
): SqliteConnection {
  const handle = withExplainedErrors(path, () => {
    const handle = sqlite.open(path, options);
    for (const pragma of ["busy_timeout = 0", ...pragmas, cacheSize]) setPragma(handle, pragma);
    return handle;
  });
  return createConnection(handle, path);
}

const openingTimeoutMs = 5_000;
const openingPauseMs = 20;

/**
 * Waits, blocking, while another process has the database locked: a process that starts serves no request yet. SQLite's own
 * `busy_timeout` isn't enough: when two processes switch a new file to WAL at once, it answers SQLITE_BUSY to one of them
 * without waiting, since both hold a read lock.
 * @see https://sqlite.org/c3ref/busy_handler.html
 */
function setPragma(handle: SqliteHandle, pragma: string): void {
  const deadline = performance.now() + openingTimeoutMs;
  for (;;) {
    try {
      handle.exec(`pragma ${pragma}`);
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, openingPauseMs);
  }
}

/** The services have a few dozen SQL texts, and one for each length of a list of ids. */
const maxStatements = 200;

/**
 * Prepares each SQL text once. SQLite frees a statement's memory when V8 collects the statement, but V8 doesn't count that
 * memory: a process that prepares for each query grows by 130 MiB (docs/decisions/0050).
 */
export function createConnection(handle: SqliteHandle, path: string): SqliteConnection {
  const statements = new Map<string, SqliteStatement>();

  function prepare(sql: string): SqliteStatement {
    const prepared = statements.get(sql);
    if (prepared !== undefined) return prepared;
    if (statements.size >= maxStatements) statements.clear();
    const statement = handle.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  return {
    execute: <Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> =>
      withExplainedErrors(path, () => {
        const statement = prepare(sql);
        // SQLite's rows are untyped. Kysely knows their type from the query.
        if (statement.reader) return { rows: statement.all(parameters) as Row[] };
        const { changes, lastInsertRowid } = statement.run(parameters);
        return { rows: [], insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes) };
      }),
    close: () => {
      statements.clear();
      handle.close();
    },
  };
}

export function withExplainedErrors<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}
