import type { Kysely } from "kysely";

/**
 * The database of one service. A package with tables in it adds their types with `withTables`.
 *
 * - A commit is on the disk when it returns, so a confirmed booking survives a power failure.
 * - A transaction takes the write lock when it begins, so what it reads doesn't change until it commits. It is begun by
 *   Kysely's methods, never by an SQL text.
 * - A query outside a transaction sees everything that any process has committed before.
 */
export type Database = Kysely<Record<never, never>>;

export type OpenOptions = {
  /** True: opening fails where the database doesn't exist. Default: false, which creates it. */
  mustExist?: boolean;
  /** How long a write waits while another process holds the write lock. Default: 5,000. */
  lockTimeoutMs?: number;
};

/** A failure of the database that an operator can mend. `code` is the engine's own, such as `SQLITE_FULL`. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** No engine opens this database URL. */
export class DatabaseUrlError extends Error {
  readonly code = "database_url";
  override readonly name = "DatabaseUrlError";
}
