import { performance } from "node:perf_hooks";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SqliteConnection } from "./connection.ts";
import type { WriteQueue } from "./write-queue.ts";

export type SqliteConnections = {
  readonly writer: SqliteConnection;
  /** Undefined: the database is in memory, and one connection is all there is. */
  readonly reader: SqliteConnection | undefined;
  readonly queue: WriteQueue;
};

/**
 * Kysely's SQLite with two connections instead of one behind a mutex. In WAL mode a reader never waits
 * for a writer, so what is read outside a transaction is read at once; writes and transactions wait for
 * their turn, and for other processes, without blocking the event loop (docs/decisions/0031).
 */
export function createSqliteDialect(connections: SqliteConnections): Dialect {
  return {
    createDriver: () => createDriver(connections),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TwoConnectionsAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

class TwoConnectionsAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
  /** SQLite does; Kysely's own adapter says no because it has one connection only. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function createDriver(connections: SqliteConnections): Driver {
  // Kysely hands back what `acquireConnection` has made.
  const own = (connection: DatabaseConnection) => connection as KyselyConnection;
  return {
    init: async () => undefined,
    acquireConnection: async () => new KyselyConnection(connections),
    beginTransaction: (connection) => own(connection).begin(),
    commitTransaction: (connection) => own(connection).commit(),
    rollbackTransaction: (connection) => own(connection).rollback(),
    releaseConnection: (connection) => own(connection).release(),
    async destroy() {
      // The connection that is closed last copies the WAL file into the database, which the reader may not.
      connections.reader?.close();
      connections.writer.close();
    },
  };
}

/** What Kysely takes for a connection. It is made for each query or transaction, and runs on one of the two. */
class KyselyConnection implements DatabaseConnection {
  readonly #connections: SqliteConnections;
  /** Defined while a transaction is open: ends its turn to write. */
  #releaseTurn: (() => void) | undefined;

  constructor(connections: SqliteConnections) {
    this.#connections = connections;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { reader, writer, queue } = this.#connections;
    const askedAt = performance.now();
    const executeOn = (connection: SqliteConnection) =>
      queue.retryWhileLocked(() => connection.execute<Row>(query), askedAt);
    if (this.#releaseTurn !== undefined) return executeOn(writer);
    if (reader !== undefined && isSelect(query.sql)) return executeOn(reader);
    const releaseTurn = await queue.acquire();
    try {
      return await executeOn(writer);
    } finally {
      releaseTurn();
    }
  }

  /** An open iterator would keep its connection from other queries, and the reader's snapshot from ending. */
  // biome-ignore lint/correctness/useYield: it refuses.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("Queries aren't streamed: ask for pages.");
  }

  /**
   * Every transaction here is there to write. SQLite's default takes the write lock at the first write, and
   * fails at once where another process has written since the transaction's first read.
   */
  async begin(): Promise<void> {
    const { writer, queue } = this.#connections;
    const askedAt = performance.now();
    const releaseTurn = await queue.acquire();
    try {
      await queue.retryWhileLocked(() => writer.execute(CompiledQuery.raw("begin immediate")), askedAt);
      this.#releaseTurn = releaseTurn;
    } catch (error) {
      releaseTurn();
      throw error;
    }
  }

  /** A commit that fails in the end leaves the transaction open, and Kysely rolls it back. */
  async commit(): Promise<void> {
    await this.executeQuery(CompiledQuery.raw("commit"));
    this.#endTurn();
  }

  async rollback(): Promise<void> {
    try {
      this.#connections.writer.execute(CompiledQuery.raw("rollback"));
    } catch (error) {
      if (!isAlreadyRolledBack(error)) throw error;
    } finally {
      this.#endTurn();
    }
  }

  /** A transaction that its caller leaves open must not keep all others from writing. */
  async release(): Promise<void> {
    if (this.#releaseTurn !== undefined) await this.rollback();
  }

  #endTurn(): void {
    this.#releaseTurn?.();
    this.#releaseTurn = undefined;
  }
}

/** Any other statement may write: `with`, `insert … returning`, most pragmas. */
function isSelect(sql: string): boolean {
  return /^\s*select\b/i.test(sql);
}

/**
 * On some failures, a full disk among them, SQLite rolls back by itself. Rolling back once more fails, and
 * that error must not replace the one that says what was wrong.
 */
function isAlreadyRolledBack(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no transaction is active");
}
