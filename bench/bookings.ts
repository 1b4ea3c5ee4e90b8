import { join } from "node:path";
import type { LedgerJob, LedgerResult } from "./ledger-worker.ts";
import { startWorker, stopAllProcesses, temporaryFolder } from "./processes.ts";
import { type Benchmark, type Measurement, sayProgress, toFigure } from "./report.ts";
import { median } from "./statistics.ts";

const rounds = 5;
const attemptsPerRound = 2_000;

/**
 * The ledger alone, without Google: attempts to book, half of them for a time that somebody has by then.
 * One that wins is held and confirmed, each on the disk before the next step. Two processes share the file.
 */
export const bookings: Benchmark = {
  name: "bookings",
  async run() {
    try {
      return (await measure()).map(toFigure);
    } finally {
      await stopAllProcesses();
    }
  },
};

async function measure(): Promise<Measurement[]> {
  const folder = temporaryFolder();
  const workers = [1, 2].map(() => startWorker<LedgerJob, LedgerResult>("bench/ledger-worker.ts"));
  const [first] = workers;
  if (first === undefined) throw new Error("There is no worker.");
  const job = { url: `file:${join(folder, "ledger.db")}`, attempts: attemptsPerRound };

  sayProgress("bookings: a ledger with a history");
  await first.run({ ...job, task: "fill", seed: 0 });
  const alone: LedgerResult[] = [];
  const together: LedgerResult[] = [];
  const bare: LedgerResult[] = [];
  for (let round = 0; round <= rounds; round++) {
    sayProgress(`bookings: round ${round} of ${rounds}`);
    const seed = 10 * round + 1;
    alone.push(await first.run({ ...job, task: "book", seed }));
    const results = await Promise.all(
      workers.map((worker, i) => worker.run({ ...job, task: "book", seed: seed + 1 + i })),
    );
    together.push(added(results));
    bare.push(await first.run({ ...job, task: "insert", seed }));
  }
  return [...measurements("one process", alone, bare), ...measurements("two processes", together, bare)];
}

function added(results: readonly LedgerResult[]): LedgerResult {
  return {
    perSecond: results.reduce((sum, { perSecond }) => sum + perSecond, 0),
    p50Ms: median(results.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)),
  };
}

/** The first round only warms up. */
function measurements(name: string, ours: LedgerResult[], bare: LedgerResult[]): Measurement[] {
  const middle = (results: LedgerResult[], key: keyof LedgerResult) =>
    median(results.slice(1).map((result) => result[key]));
  const measurement = (what: string, key: keyof LedgerResult, unit: string) => ({
    name: `booking attempts, ${name}: ${what}`,
    value: middle(ours, key),
    unit,
    comparison: { name: "one bare insert", value: middle(bare, key) },
  });
  return [
    { ...measurement("throughput", "perSecond", "/s"), target: { min: 1_000 } },
    measurement("p50", "p50Ms", "ms"),
    { ...measurement("p99", "p99Ms", "ms"), target: { max: 20 } },
  ];
}
