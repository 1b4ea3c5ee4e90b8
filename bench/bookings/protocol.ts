import { generateFernetKey } from "@cita/token-store";
import { startWorker } from "../processes.ts";
import { logProgress, type Measurement, type Target } from "../report.ts";
import { median } from "../statistics.ts";
import type { LedgerResult } from "./ledger-worker.ts";
import type { ProtocolJob } from "./protocol-worker.ts";

const bookings = 600;
const rounds = 5;
const callers = 8;

/**
 * Whole bookings against a Google that answers at once: everything that a call of `book` does in the service, every commit
 * on the disk. Two processes share the database and the cores.
 */
export async function measureProtocol(engine: string, url: string, target?: Target): Promise<Measurement[]> {
  const workers = [1, 2].map(() =>
    startWorker<ProtocolJob, LedgerResult>("bench/bookings/protocol-worker.ts"),
  );
  const [first] = workers;
  if (first === undefined) throw new Error("There is no worker.");
  const job = { url, key: generateFernetKey(), callers, bookings };
  const alone: LedgerResult[] = [];
  const together: LedgerResult[] = [];
  for (let round = 0; round <= rounds; round++) {
    logProgress(`bookings: whole ones in ${engine}, round ${round} of ${rounds}`);
    alone.push(await first.run({ ...job, worker: 0 }));
    const both = await Promise.all(workers.map((one, worker) => one.run({ ...job, worker })));
    together.push({
      perSecond: both.reduce((sum, { perSecond }) => sum + perSecond, 0),
      p50Ms: median(both.map(({ p50Ms }) => p50Ms)),
      p99Ms: Math.max(...both.map(({ p99Ms }) => p99Ms)),
    });
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  return [
    ...toMeasurements(`${engine}, one process`, alone),
    ...toMeasurements(`${engine}, two processes`, together, target),
  ];
}

/** Without the first round, which warms up. */
function toMeasurements(place: string, results: LedgerResult[], target?: Target): Measurement[] {
  const medianOf = (key: keyof LedgerResult) => median(results.slice(1).map((result) => result[key]));
  const name = (what: string) => `whole bookings, ${place}: ${what}`;
  return [
    { name: name("throughput"), value: medianOf("perSecond"), unit: "/s", ...(target && { target }) },
    { name: name("p50"), value: medianOf("p50Ms"), unit: "ms" },
    { name: name("p99"), value: medianOf("p99Ms"), unit: "ms" },
  ];
}
