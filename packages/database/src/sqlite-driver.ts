import type { SqliteStatement } from "kysely";

/** A SQLite library, as far as we need one. Its errors are its own; `codeOf` reads them. */
export type SqliteDriver = {
  /** @param path of a file, or `:memory:`. @throws what the library throws. */
  open(path: string, options: { mustExist: boolean }): SqliteFile;
  /** SQLite's name for what went wrong, such as `SQLITE_FULL`; undefined where it isn't an error of SQLite. */
  codeOf(error: unknown): string | undefined;
};

export type SqliteFile = {
  /** Runs statements whose answers nobody needs. */
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
};
