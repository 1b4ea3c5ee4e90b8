/** Tells whether anything in a database may have changed, for less than reading it again. */
export type Changes = {
  /**
   * The same number as long as nobody has written. What others write is looked for once in a turn of the
   * event loop, what is written through this connection counts at once.
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
  let isCurrent = false;

  return {
    add() {
      changes++;
    },
    count() {
      if (isCurrent) return changes;
      const read = readDataVersion();
      if (read !== version) changes++;
      version = read;
      isCurrent = true;
      setImmediate(() => {
        isCurrent = false;
      });
      return changes;
    },
  };
}
