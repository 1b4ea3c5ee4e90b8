import { performance } from "node:perf_hooks";

/** Tells whether anything in a database may have changed, for less than reading it again. */
export type Changes = {
  /**
   * The same number as long as nobody has written. What others write is looked for once for all that has
   * arrived together, what is written through this connection counts at once.
   * @throws DatabaseError
   */
  count(): number;
};

export type OwnChanges = Changes & {
  /** Something was written here, or may have been. */
  add(): void;
};

/**
 * @param readDataVersion SQLite's `data_version`: another one than before when another connection has
 * written (https://sqlite.org/pragma.html#pragma_data_version).
 */
export function createChanges(readDataVersion: () => number): OwnChanges {
  let changes = 0;
  let version: number | undefined;
  const arrivals = { turn: -1, events: -1 };

  return {
    add() {
      changes++;
    },
    count() {
      // Counted by libuv whenever it asks the operating system what has arrived. A `setImmediate` would
      // come too late after a timer: what arrives next would be answered by what the timer has read.
      const { loopCount: turn, events } = performance.nodeTiming.uvMetricsInfo;
      if (turn === arrivals.turn && events === arrivals.events) return changes;
      const read = readDataVersion();
      if (read !== version) changes++;
      version = read;
      Object.assign(arrivals, { turn, events });
      return changes;
    },
  };
}
