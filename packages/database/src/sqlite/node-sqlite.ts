import { existsSync } from "node:fs";
import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { SqliteLibrary, SqliteStatement } from "./library.ts";

const { DatabaseSync } = loadSqlite();

/** Node's own SQLite. It needs no native module, so the stdio bundle is one file (docs/decisions/0022). */
export const sqlite: SqliteLibrary = {
  open(path, { mustExist }) {
    if (mustExist && !existsSync(path)) throw new MissingFileError();
    const database = new DatabaseSync(path);
    return {
      exec: (sql) => database.exec(sql),
      prepare: (sql) => toStatement(database.prepare(sql)),
      close: () => database.close(),
    };
  },
  codeOf: (error) => {
    const { errcode } = error as { errcode?: unknown };
    if (typeof errcode !== "number") return undefined;
    return `SQLITE_${names[errcode] ?? names[errcode & 0xff] ?? errcode}`;
  },
};

/** Node always creates a missing file, so SQLite's error for it (`SQLITE_CANTOPEN`) is made here. */
class MissingFileError extends Error {
  override readonly name = "MissingFileError";
  readonly errcode = 14;
  constructor() {
    super("unable to open database file");
  }
}

function toStatement(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
  };
}

/**
 * The primary result codes, and the extended ones that are treated differently from their primary code.
 * @see https://sqlite.org/rescode.html
 */
const names: Readonly<Record<number, string>> = {
  1: "ERROR",
  5: "BUSY",
  6: "LOCKED",
  8: "READONLY",
  10: "IOERR",
  11: "CORRUPT",
  13: "FULL",
  14: "CANTOPEN",
  19: "CONSTRAINT",
  26: "NOTADB",
  261: "BUSY_RECOVERY",
  517: "BUSY_SNAPSHOT",
};

/** Suppresses the warning of Node before version 26 that its SQLite is experimental. */
function loadSqlite() {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    // Undefined in older versions of Node, contrary to its types.
    const sqlite: typeof import("node:sqlite") | undefined = process.getBuiltinModule?.("node:sqlite");
    if (sqlite === undefined) throw new Error(`Node 22.19 or newer is needed; this is ${process.version}.`);
    return sqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}
