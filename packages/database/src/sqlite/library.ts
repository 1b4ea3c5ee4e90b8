/**
 * A library that runs SQLite. It throws its own errors, whose codes `codeOf` reads. Services use `better-sqlite3.ts`. The
 * stdio bundle has `node-sqlite.ts` in its place (docs/decisions/0022).
 */
export type SqliteLibrary = {
  /** @param path of a file, or `:memory:`. */
  open(path: string, options: { mustExist: boolean }): SqliteHandle;
  /** @returns SQLite's name of an error, such as `SQLITE_FULL`; undefined where the error isn't SQLite's. */
  codeOf(error: unknown): string | undefined;
};

export type SqliteHandle = {
  /** Runs statements and ignores their rows. */
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
};

export type SqliteStatement = {
  /** True: the statement returns rows, and is run by `all`; else by `run`. */
  readonly reader: boolean;
  all(parameters: readonly unknown[]): unknown[];
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
};
