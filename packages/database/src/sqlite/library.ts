/**
 * A library that runs SQLite, as far as one is needed here. What it throws are its own errors, which
 * `codeOf` reads. Services run on `better-sqlite3.ts`; the stdio bundle has `node-sqlite.ts` in its place
 * (docs/decisions/0022).
 */
export type SqliteLibrary = {
  /** @param path of a file, or `:memory:`. */
  open(path: string, options: { mustExist: boolean }): SqliteHandle;
  /** @returns SQLite's name of an error, such as `SQLITE_FULL`; undefined where the error isn't SQLite's. */
  codeOf(error: unknown): string | undefined;
};

export type SqliteHandle = {
  /** Runs statements whose rows nobody needs. */
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
};

export type SqliteStatement = {
  /** True: it answers with rows, and `all` runs it; else `run` does. */
  readonly reader: boolean;
  all(parameters: readonly unknown[]): unknown[];
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
};
