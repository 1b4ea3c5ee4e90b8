import type { CompiledQuery, QueryResult } from "kysely";
import { sqlite } from "./better-sqlite3.ts";
import { explainSqliteError } from "./errors.ts";
import type { SqliteHandle, SqliteStatement } from "./library.ts";

/** One connection to a database. It never waits for a lock: what is locked is a `DatabaseError` at once. */
export type SqliteConnection = {
  /** @throws DatabaseError, or SQLite's own error where it isn't an operator's to mend. */
  execute<Row>(query: CompiledQuery): QueryResult<Row>;
  close(): void;
};

/**
 * The connection that writes. A commit is on the disk when it returns (`synchronous = FULL`), and what is deleted
 * or overwritten is zeroed in the file (`secure_delete`): data that was erased can't be read from free pages.
 * @param options `mustExist`: a file that isn't there is an error, and is not made.
 * @throws DatabaseError
 */
export function connectWriter(path: string, options: { mustExist: boolean }): SqliteConnection {
  const pragmas = ["journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"];
  return connect(path, options, pragmas);
}

/** A second connection, to a file that a writer has opened. It can't write. @throws DatabaseError */
export function connectReader(path: string): SqliteConnection {
  return connect(path, { mustExist: true }, ["query_only = ON"]);
}

/** In KiB: the two connections together keep as much of a file in memory as better-sqlite3 gives to one. */
const cacheSize = "cache_size = -8000";

function connect(
  path: string,
  options: { mustExist: boolean },
  pragmas: readonly string[],
): SqliteConnection {
  const handle = explaining(path, () => {
    const handle = sqlite.open(path, options);
    // Several processes that start at once wait for each other inside SQLite: none of them serves anybody yet.
    for (const pragma of ["busy_timeout = 5000", ...pragmas, cacheSize]) handle.exec(`pragma ${pragma}`);
    // From then on SQLite's waiting would block the event loop: write-queue.ts waits instead.
    handle.exec("pragma busy_timeout = 0");
    return handle;
  });
  return createConnection(handle, path);
}

/** The services' queries are a few dozen SQL texts; one for a list of ids has a text for each length. */
const maxStatements = 200;

/**
 * Prepares each SQL text once. SQLite's memory for a statement is freed when V8 collects the statement, and V8
 * doesn't count that memory: a process that prepares for each query grows by 130 MiB (docs/decisions/0004).
 */
function createConnection(handle: SqliteHandle, path: string): SqliteConnection {
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
      explaining(path, () => {
        const statement = prepare(sql);
        // The query's type is Kysely's; SQLite's rows come untyped.
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

function explaining<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}
