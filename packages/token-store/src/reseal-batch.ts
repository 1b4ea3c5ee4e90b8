import { SealError } from "./key-ring.ts";

/** Few enough that nobody waits long for the database's write lock. */
export const batchSize = 100;

/** What became of some rows that weren't on the first key. */
export type ResealedBatch = {
  readonly rows: number;
  readonly resealed: number;
  readonly unopened: readonly UnopenedRow[];
};

/** A row that no configured key opens, and that is still needed. */
export type UnopenedRow = {
  readonly customerId: string;
  readonly what: "connection" | "link";
  /** As recorded beside it. */
  readonly fingerprint: string | null;
};

/** Seals each row anew; those that can't be opened are told apart. */
export function resealAll<Row, Sealed>(
  rows: readonly Row[],
  reseal: (row: Row) => Sealed,
): { opened: { row: Row; sealed: Sealed }[]; unopened: Row[] } {
  const opened: { row: Row; sealed: Sealed }[] = [];
  const unopened: Row[] = [];
  for (const row of rows) {
    try {
      opened.push({ row, sealed: reseal(row) });
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      unopened.push(row);
    }
  }
  return { opened, unopened };
}
