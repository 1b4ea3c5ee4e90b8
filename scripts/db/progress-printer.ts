import type { Database } from "@cita/database";
import type { Progress } from "./copy-progress.ts";
import { type CopiedTable, countRows } from "./tables.ts";

const intervalMs = 1_000;

/**
 * Prints how many of all rows are copied: after the first page, once a second at most, and when the last is there.
 * @returns a function that is told how many rows of a table are copied.
 */
export async function createProgressPrinter(
  source: Database,
  tables: readonly CopiedTable[],
  progress: Progress,
): Promise<(table: string, rows: number) => void> {
  const copied = new Map(tables.map(({ name }) => [name, progress[name]?.rows ?? 0]));
  const counts = await Promise.all(tables.map(({ name }) => countRows(source, name)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let printedAt = Number.NEGATIVE_INFINITY;
  return (table, rows) => {
    copied.set(table, rows);
    const done = [...copied.values()].reduce((sum, count) => sum + count, 0);
    if (performance.now() - printedAt < intervalMs && done < total) return;
    printedAt = performance.now();
    process.stdout.write(`${done} of ${total} rows\n`);
  };
}
