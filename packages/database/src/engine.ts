import type { DialectAdapter, Kysely, Transaction } from "kysely";
import type { Database } from "./database.ts";
import type { KeyQueue } from "./key-queue.ts";

/** What each engine does in its own way, beside queries. The functions are described where this package exports them. */
export type Engine = {
  readonly name: "sqlite" | "postgres";
  /** Of this process; `takeKey` holds over all processes, until the transaction's end. */
  readonly keyQueue: KeyQueue;
  takeKey<Tables>(trx: Transaction<Tables>, key: string): Promise<void>;
  connectionUse(): ConnectionUse;
  watchCommits(db: Database, onCommit: () => void): () => void;
  checkWritable(db: Database): Promise<void>;
  findDamage(db: Database): Promise<string | undefined>;
  hasTable(db: Database, name: string): Promise<boolean>;
  /** Runs `work` in one transaction, one process at a time, on a database that takes migrations as they are written. */
  migrate(db: Database, work: (trx: Database) => Promise<void>): Promise<void>;
};

/** Connections that may write, of this process: in SQLite there is one. */
export type ConnectionUse = {
  readonly inUse: number;
  /** Queries and transactions that wait for one. */
  readonly waiting: number;
  readonly limit: number;
};

/** Kysely's adapter, which all that belongs to one database has in common: its transactions too. */
export interface EngineAdapter extends DialectAdapter {
  readonly engine: Engine;
}

/** A database or a transaction, whatever its tables. */
export type AnyTables = Pick<Database, "getExecutor">;

export function engineOf(db: AnyTables): Engine {
  const { adapter } = db.getExecutor();
  if (!hasEngine(adapter)) throw new Error("This database wasn't opened by openDatabase.");
  return adapter.engine;
}

function hasEngine(adapter: DialectAdapter): adapter is EngineAdapter {
  return "engine" in adapter;
}

function isTransaction<Tables>(db: Kysely<Tables>): db is Transaction<Tables> {
  return db.isTransaction;
}

/** For an SQL text that can't be the same for both, such as a migration of older data, which PostgreSQL doesn't have. */
export function engineName(db: AnyTables): Engine["name"] {
  return engineOf(db).name;
}

/**
 * Runs `work` in a transaction, alone among all with the same key, in whichever process. It sees everything that those
 * before it have committed, and what only holders of the key write doesn't change until it commits.
 *
 * Within a transaction it takes the key for the rest of it. Two that take two keys in different orders may end each other
 * (`POSTGRES_DEADLOCK`), and while it waits it keeps the transaction's connection from others: give the database where the
 * key is the first that the transaction needs.
 *
 * @param key names what is decided about, such as `bookings of <customer>`.
 * @throws DatabaseError where another process holds the key for longer than `lockTimeoutMs`, or it isn't the caller's turn
 *   among those of this process; what `work` throws, after a rollback.
 */
export function exclusively<Tables, T>(
  db: Kysely<Tables>,
  key: string,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  const { keyQueue, takeKey } = engineOf(db);
  const withKey = async (trx: Transaction<Tables>) => {
    await takeKey(trx, key);
    return work(trx);
  };
  return isTransaction(db) ? withKey(db) : keyQueue(key, () => db.transaction().execute(withKey));
}

/**
 * Calls `onCommit` soon after anything was committed, by whichever process: within 50 ms in SQLite, some milliseconds in
 * PostgreSQL. One call may stand for many commits, and there may be calls without one. Always called once at the
 * beginning, and in PostgreSQL after each reconnection: what was committed meanwhile isn't known. A process that ends
 * between its commit and its notification is noticed within a second.
 * @returns a function that ends the watching.
 */
export function watchCommits(db: Database, onCommit: () => void): () => void {
  return engineOf(db).watchCommits(db, onCommit);
}

/** How many connections are in use at the moment. */
export function connectionUse(db: Database): ConnectionUse {
  return engineOf(db).connectionUse();
}

/** Whether the database takes writes now, without writing. @throws DatabaseError */
export function checkWritable(db: Database): Promise<void> {
  return engineOf(db).checkWritable(db);
}

/**
 * Looks for damage. SQLite: reads and checks the whole file. PostgreSQL: asks for pages whose checksum has been wrong.
 * @returns the first damage, in words; undefined: none is known. @throws DatabaseError
 */
export function findDamage(db: Database): Promise<string | undefined> {
  return engineOf(db).findDamage(db);
}
