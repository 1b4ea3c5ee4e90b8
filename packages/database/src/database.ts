import type { Kysely } from "kysely";

/**
 * A database of one service. Each package that keeps tables in it adds their types with `withTables`.
 *
 * - A commit is on the disk when it returns: a booking said to be confirmed survives a power failure.
 * - A transaction takes the right to write when it begins, so what it reads stays true until it commits.
 *   It is begun by Kysely, never by an SQL text.
 * - A query outside a transaction sees everything that was committed before it, by whichever process.
 */
export type Database = Kysely<Record<never, never>>;

export type OpenOptions = {
  /** True: a database that isn't there is an error, and is not made. Default: false. */
  mustExist?: boolean;
  /** How long a write waits while another process holds the write lock. Default: 5,000. */
  lockTimeoutMs?: number;
};

/** The database can't be used, for a reason an operator can mend. `code` is the engine's own, such as `SQLITE_FULL`. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A database URL that no engine opens. */
export class DatabaseUrlError extends Error {
  readonly code = "database_url";
  override readonly name = "DatabaseUrlError";
}
