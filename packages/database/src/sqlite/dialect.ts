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
import type { Engine, EngineAdapter } from "../engine.ts";
import type { SqliteConnection } from "./connection.ts";
import type { WriteQueue } from "./write-queue.ts";

export type SqliteConnections = {
  readonly writer: SqliteConnection;
  /** Undefined for a database in memory, which has one connection. */
  readonly reader: SqliteConnection | undefined;
  readonly queue: WriteQueue;
};

/**
 * Kysely's SQLite dialect with two connections instead of one behind a mutex. In WAL mode a reader never waits for a
 * writer, so queries outside a transaction run at once. Writes and transactions wait for their turn, and for other
 * processes, without blocking the event loop (docs/decisions/0031).
 */
export function createSqliteDialect(connections: SqliteConnections, engine: Engine): Dialect {
  return {
    createDriver: () => createDriver(connections),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TwoConnectionsAdapter(engine),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

class TwoConnectionsAdapter extends SqliteAdapter implements EngineAdapter {
  readonly engine: Engine;

  constructor(engine: Engine) {
    super();
    this.engine = engine;
  }

  override get supportsMultipleConnections(): boolean {
    return true;
  }
  /** SQLite supports it. Kysely's own adapter says no because it has one connection only. */
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
      // The last connection to close copies the WAL file into the database, which the reader can't do.
      connections.reader?.close();
      connections.writer.close();
    },
  };
}

/** The connection that Kysely sees. It is made for each query or transaction, and uses one of the two. */
class KyselyConnection implements DatabaseConnection {
  readonly #connections: SqliteConnections;
  /** Defined while a transaction is open. Ends its turn to write. */
  #releaseTurn: (() => void) | undefined;

  constructor(connections: SqliteConnections) {
    this.#connections = connections;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { reader, writer, queue } = this.#connections;
    const askedAt = performance.now();
    const write = () => queue.retryWhileLocked(() => writer.execute<Row>(query), askedAt);
    if (this.#releaseTurn !== undefined) return write();
    if (reader !== undefined && isSelect(query.sql))
      return queue.retryReading(() => reader.execute<Row>(query), askedAt);
    const releaseTurn = await queue.acquire();
    try {
      return await write();
    } finally {
      releaseTurn();
    }
  }

  /** Refused: an open iterator would block its connection and keep the reader's snapshot open. */
  // biome-ignore lint/correctness/useYield: it refuses.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("Queries aren't streamed: ask for pages.");
  }

  /**
   * Takes the write lock at once. SQLite's default takes it at the first write, and fails where another process has
   * written since the transaction's first read.
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

  /** If a commit fails, the transaction stays open and Kysely rolls it back. */
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

  /** Rolls back a transaction that its caller has left open, which would block all other writers. */
  async release(): Promise<void> {
    if (this.#releaseTurn !== undefined) await this.rollback();
  }

  #endTurn(): void {
    this.#releaseTurn?.();
    this.#releaseTurn = undefined;
  }
}

/** Other statements may write: `with`, `insert … returning`, most pragmas. */
function isSelect(sql: string): boolean {
  return /^\s*select\b/i.test(sql);
}

/**
 * On some failures, such as a full disk, SQLite rolls back by itself. The second rollback then fails, and its error must
 * not replace the first one.
 */
function isAlreadyRolledBack(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no transaction is active");
}
