import { performance } from "node:perf_hooks";
import type { SqliteDatabase, SqliteStatement } from "kysely";

/** Tells whether anything in a database may have changed, for less than reading it again. */
export type Changes = {
  /**
   * The same number as long as nobody has written. What others write is looked for once for all that has
   * arrived together, what is written through this connection counts at once.
   * @throws DatabaseError
   */
  count(): number;
};

/** @returns the same database, whose writes are counted from then on. */
export function countChanges(database: SqliteDatabase): { counted: SqliteDatabase; changes: Changes } {
  let changes = 0;
  let version: number | undefined;
  const arrivals = { turn: -1, events: -1 };
  const dataVersion = database.prepare("pragma data_version");

  const counted: SqliteDatabase = {
    ...database,
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return isSelect(sql) ? statement : afterwards(statement, () => changes++);
    },
  };

  function count(): number {
    // Counted by libuv whenever it asks the operating system what has arrived. A `setImmediate` would
    // come too late after a timer: what arrives next would be answered by what the timer has read.
    const { loopCount: turn, events } = performance.nodeTiming.uvMetricsInfo;
    if (turn === arrivals.turn && events === arrivals.events) return changes;
    const read = readDataVersion(dataVersion);
    if (read !== version) changes++;
    version = read;
    Object.assign(arrivals, { turn, events });
    return changes;
  }

  return { counted, changes: { count } };
}

/**
 * Another number than before when another connection has written
 * (https://sqlite.org/pragma.html#pragma_data_version).
 */
function readDataVersion(statement: SqliteStatement): number {
  const [row] = statement.all([]) as { data_version: number }[];
  if (row === undefined) throw new TypeError("SQLite has told no data_version.");
  return row.data_version;
}

/** Any other statement may write: `begin`, `with`, `insert … returning`, most pragmas. */
export function isSelect(sql: string): boolean {
  return /^\s*select\b/i.test(sql);
}

/** A statement that fails is noted too: it may have written before. */
function afterwards(statement: SqliteStatement, note: () => void): SqliteStatement {
  const noting = <T>(act: () => T): T => {
    try {
      return act();
    } finally {
      note();
    }
  };
  return {
    reader: statement.reader,
    all: (parameters) => noting(() => statement.all(parameters)),
    run: (parameters) => noting(() => statement.run(parameters)),
    iterate: (parameters) => noting(() => statement.iterate(parameters)),
  };
}
