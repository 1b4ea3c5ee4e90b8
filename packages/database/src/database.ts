import type { Kysely } from "kysely";

/**
 * The database of one service. A package with tables in it adds their types with `withTables`.
 *
 * - A commit is on the disk when it returns, so a confirmed booking survives a power failure.
 * - A transaction is all or nothing, and what it writes is seen by others once it has committed. It is begun by Kysely's
 *   methods, never by an SQL text, and queries nothing but its own `trx`.
 * - What a transaction has **read** may be changed by others until it commits. A transaction that decides by what it reads
 *   takes the key of all that it reads: `exclusively(db, key, work)`. A single statement may decide by itself, with a
 *   unique index (`on conflict`) or a condition on the row that it changes (`where version = …`); what it reads of other
 *   rows may change meanwhile. SQLite has one writer at a time, so that a transaction without a key seems to be enough
 *   there; in PostgreSQL it isn't.
 * - A query outside a transaction sees everything that any process has committed before.
 * - A statement that fails inside a transaction ends it. In SQLite the transaction would go on; in PostgreSQL it can't,
 *   and its commit throws.
 * - Integers have 64 bits, and are read as numbers; one that a number can't hold is refused. Booleans are read as 0 and 1,
 *   JSON as text, and texts are sorted by their bytes.
 */
export type Database = Kysely<Record<never, never>>;

/** What has to hold where a transaction writes. It is called within it, before the first write; what it throws undoes all. */
export type Precondition = (trx: Database) => Promise<void>;

export type OpenOptions = {
  /**
   * The service whose database it is, such as `mcp-calendar`. In PostgreSQL it names the schema where the URL doesn't, and
   * a schema serves one service only.
   */
  service?: string;
  /** True: opening (SQLite) or the first query (PostgreSQL) fails where the database doesn't exist. Default: false. */
  mustExist?: boolean;
  /** True: also a database in PostgreSQL that is being copied into, which services refuse. Default: false. */
  acceptUnfinishedCopy?: boolean;
  /** How long a write waits while others hold the lock it needs. Default: 5,000. */
  lockTimeoutMs?: number;
};

/**
 * A failure of the database that an operator can mend, or that a repetition may get over. `code` is SQLite's own, such as
 * `SQLITE_FULL`; `POSTGRES_…` (`postgres/errors.ts`); or `DATABASE_NEWER`.
 */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** No engine opens this database URL. The message never quotes it, since it may have a password in it. */
export class DatabaseUrlError extends Error {
  readonly code = "database_url";
  override readonly name = "DatabaseUrlError";
}

/** The backup's file already exists, the copy is damaged, or it isn't made by us. */
export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly code: "backup_exists" | "backup_damaged" | "backup_failed";
  constructor(code: BackupError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
