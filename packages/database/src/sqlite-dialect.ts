import { performance } from "node:perf_hooks";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { isSelect } from "./changes.ts";
import type { WriteQueue } from "./write-queue.ts";

export type SqliteConnections = {
  writer: SqliteDatabase;
  /** Undefined: the database is in memory, and one connection is all there is. */
  reader: SqliteDatabase | undefined;
  queue: WriteQueue;
};

/**
 * Kysely's SQLite with two connections instead of one behind a mutex. In WAL mode a reader never waits
 * for a writer, so what is read outside a transaction is read at once; writes and transactions wait for
 * their turn, and for other processes, without blocking anybody (docs/decisions/0031).
 *
 * A transaction is begun by Kysely, never by an SQL text: only then do others stay out of it.
 */
export function createSqliteDialect(connections: SqliteConnections): Dialect {
  return {
    createDriver: () => createDriver(connections),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new ConcurrentSqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

class ConcurrentSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
  /** True of SQLite; Kysely's own adapter says no because it has one connection only. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function createDriver(connections: SqliteConnections): Driver {
  // Kysely gives back what `acquireConnection` has made.
  const own = (connection: DatabaseConnection) => connection as SqliteConnection;
  return {
    init: async () => undefined,
    acquireConnection: async () => new SqliteConnection(connections),
    beginTransaction: (connection) => own(connection).begin(),
    commitTransaction: (connection) => own(connection).commit(),
    rollbackTransaction: (connection) => own(connection).rollback(),
    releaseConnection: (connection) => own(connection).release(),
    async destroy() {
      connections.reader?.close();
      // Whichever is closed last brings the content of the WAL file into the database: the reader may not.
      connections.writer.close();
    },
  };
}

/** What Kysely takes for a connection: made for each query, it costs nothing, and picks one of the two. */
class SqliteConnection implements DatabaseConnection {
  readonly #connections: SqliteConnections;
  /** Defined while a transaction is open: it ends this one's turn to write. */
  #leave: (() => void) | undefined;

  constructor(connections: SqliteConnections) {
    this.#connections = connections;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { reader, writer, queue } = this.#connections;
    const askedAt = performance.now();
    const on = (database: SqliteDatabase) =>
      queue.untilUnlocked(() => execute<Row>(database, query), askedAt);
    if (this.#leave !== undefined) return on(writer);
    if (reader !== undefined && isSelect(query.sql)) return on(reader);
    const leave = await queue.enter();
    try {
      return await on(writer);
    } finally {
      leave();
    }
  }

  /** An open iterator would keep its connection from anything else, and a reader's snapshot from ending. */
  // biome-ignore lint/correctness/useYield: it refuses.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("Queries aren't streamed: ask for pages.");
  }

  /**
   * Our transactions are all there to write. SQLite's default takes the write lock at the first write;
   * if another process has written since the first read, that fails at once, however long one may wait.
   */
  async begin(): Promise<void> {
    const { writer, queue } = this.#connections;
    const askedAt = performance.now();
    const leave = await queue.enter();
    try {
      await queue.untilUnlocked(() => execute(writer, CompiledQuery.raw("begin immediate")), askedAt);
      this.#leave = leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** One that SQLite refuses leaves the transaction open: it is repeated, and rolled back in the end. */
  async commit(): Promise<void> {
    await this.executeQuery(CompiledQuery.raw("commit"));
    this.#end();
  }

  async rollback(): Promise<void> {
    try {
      execute(this.#connections.writer, CompiledQuery.raw("rollback"));
    } catch (error) {
      if (!isAlreadyRolledBack(error)) throw error;
    } finally {
      this.#end();
    }
  }

  /** Whoever leaves a transaction open doesn't keep everybody else from writing. */
  async release(): Promise<void> {
    if (this.#leave !== undefined) await this.rollback();
  }

  #end(): void {
    this.#leave?.();
    this.#leave = undefined;
  }
}

/**
 * On some failures, a full disk among them, SQLite rolls back by itself. A rollback after that fails, and must
 * not take the place of the error that says what was wrong.
 */
function isAlreadyRolledBack(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no transaction is active");
}

function execute<Row>(database: SqliteDatabase, { sql, parameters }: CompiledQuery): QueryResult<Row> {
  const statement = database.prepare(sql);
  // Kysely has typed the rows from the query.
  if (statement.reader) return { rows: statement.all(parameters) as Row[] };
  const { changes, lastInsertRowid } = statement.run(parameters);
  return { rows: [], insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes) };
}
