import { join } from "node:path";
import { createServer } from "../../test/support/postgres/server.ts";
import { startWorker, temporaryFolder } from "../processes.ts";
import { type Benchmark, logProgress, type Measurement } from "../report.ts";
import { median } from "../statistics.ts";
import type { LedgerJob, LedgerResult } from "./ledger-worker.ts";
import { measureProtocol } from "./protocol.ts";

/** A database on the disk, and what is expected of it. */
type Engine = {
  readonly name: string;
  readonly url: string;
  /** Attempts at once, in each process. */
  readonly callers: number;
  readonly rounds: number;
  readonly minPerSecond: number;
  readonly maxP99Ms: number;
};

const attemptsPerRound = 2_000;

/**
 * The ledger without Google: attempts to book, half of them for a time that is taken. The others are held and
 * confirmed, each committed to the disk. Measured with one process, and with two that share the database. Then whole
 * bookings (`protocol.ts`).
 */
export const bookings: Benchmark = { name: "bookings", measure };

async function measure(): Promise<Measurement[]> {
  const file = join(temporaryFolder(), "ledger.db");
  const sqlite = { name: "SQLite", url: `file:${file}`, callers: 1, rounds: 5 };
  const measurements = [
    ...(await measureOn({ ...sqlite, minPerSecond: 1_000, maxP99Ms: 20 })),
    ...(await measureProtocol("SQLite", `file:${join(temporaryFolder(), "whole.db")}`)),
  ];
  const server = await createServer({ durable: true });
  try {
    const postgres = { name: "PostgreSQL", url: `${server.url}?schema=ledger`, callers: 4, rounds: 3 };
    // 200 bookings a second, and as many refusals.
    return [
      ...measurements,
      ...(await measureOn({ ...postgres, minPerSecond: 400, maxP99Ms: 40 })),
      ...(await measureProtocol("PostgreSQL", `${server.url}?schema=whole`, { min: 200 })),
    ];
  } finally {
    await server.remove();
  }
}

async function measureOn(engine: Engine): Promise<Measurement[]> {
  const workers = [1, 2].map(() => startWorker<LedgerJob, LedgerResult>("bench/bookings/ledger-worker.ts"));
  const [first] = workers;
  if (first === undefined) throw new Error("There is no worker.");
  const job = { url: engine.url, callers: engine.callers, attempts: attemptsPerRound };

  logProgress(`bookings: filling the ledger in ${engine.name}`);
  await first.run({ ...job, task: "fill", seed: 0 });
  const alone: LedgerResult[] = [];
  const together: LedgerResult[] = [];
  const bare: LedgerResult[] = [];
  for (let round = 0; round <= engine.rounds; round++) {
    logProgress(`bookings: round ${round} of ${engine.rounds}`);
    const seed = 10 * round + 1;
    alone.push(await first.run({ ...job, task: "book", seed }));
    const results = await Promise.all(
      workers.map((worker, i) => worker.run({ ...job, task: "book", seed: seed + 1 + i })),
    );
    together.push(combine(results));
    bare.push(await first.run({ ...job, task: "insert", seed }));
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  return [
    ...toMeasurements(engine, "one process", alone, bare),
    ...toMeasurements(engine, "two processes", together, bare),
  ];
}

function combine(results: readonly LedgerResult[]): LedgerResult {
  return {
    perSecond: results.reduce((sum, { perSecond }) => sum + perSecond, 0),
    p50Ms: median(results.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)),
  };
}

/** Without the first round, which warms up. */
function toMeasurements(
  engine: Engine,
  processes: string,
  ours: LedgerResult[],
  bare: LedgerResult[],
): Measurement[] {
  const medianOf = (results: LedgerResult[], key: keyof LedgerResult) =>
    median(results.slice(1).map((result) => result[key]));
  const measurement = (what: string, key: keyof LedgerResult, unit: string) => ({
    name: `booking attempts, ${engine.name}, ${processes}: ${what}`,
    value: medianOf(ours, key),
    unit,
    comparison: { name: "one bare insert", value: medianOf(bare, key) },
  });
  return [
    { ...measurement("throughput", "perSecond", "/s"), target: { min: engine.minPerSecond } },
    measurement("p50", "p50Ms", "ms"),
    { ...measurement("p99", "p99Ms", "ms"), target: { max: engine.maxP99Ms } },
  ];
}
