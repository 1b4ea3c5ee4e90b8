import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateFernetKey } from "@cita/token-store";
import { connectCustomer } from "./connect-customer.ts";
import { sendJson } from "./http-client.ts";
import {
  residentMebibytes,
  type StartedProcess,
  startWorker,
  stopAllProcesses,
  temporaryFolder,
  untilAnswered,
} from "./processes.ts";
import { type Benchmark, type BenchmarkOptions, type Measurement, sayProgress, toFigure } from "./report.ts";
import { launchAdmin, launchSandbox, launchService, type Server } from "./servers.ts";
import type { SoakJob, SoakResult } from "./soak-worker.ts";
import { median } from "./statistics.ts";

const warmUpSeconds = 15;
const defaultMinutes = 1;
const sampleEveryMs = 500;
/** For so long connections between the two services are kept that nobody uses: see `keepAliveTimeout`. */
const longestRestMs = 80_000;
const restMs = 3_000;
const aMillion = "1000000";

/**
 * Both services under everything that happens to them, for a while: `--minutes 30` for a long one. What they
 * keep of it shows in the second half, when caches are full and code is compiled, and at rest afterwards.
 */
export const soak: Benchmark = {
  name: "soak",
  async run(options) {
    try {
      return (await measure(options)).map(toFigure);
    } finally {
      await stopAllProcesses();
    }
  },
};

async function measure({ seed, minutes = defaultMinutes }: BenchmarkOptions): Promise<Measurement[]> {
  const { services, job } = await launch();
  sayProgress(`soak: seed ${seed}, ${warmUpSeconds} seconds to warm up`);
  await work({ ...job, seed, seconds: warmUpSeconds });
  await sleep(restMs);
  const before = descriptorsOf(services);
  sayProgress(`soak: ${minutes} minutes`);
  const samples: Sample[] = [];
  const sampling = setInterval(() => samples.push(sampleOf(services)), sampleEveryMs);
  const result = await work({ ...job, seed: seed + 1, seconds: minutes * 60 });
  clearInterval(sampling);
  sayProgress("soak: at rest");
  const after = await descriptorsAtRest(services, before);
  for (const failure of result.failures.slice(0, 20)) sayProgress(`soak: ${failure}`);
  return [
    { name: "calls", value: result.calls, unit: "" },
    { name: "bookings made", value: result.booked, unit: "", target: { min: 1 } },
    { name: "answered with a 5xx", value: result.failures.length, unit: "", target: { max: 0 } },
    ...names.map((name) => memoryOf(name, samples)),
    ...names.map((name) => ({
      name: `descriptors of ${name} that stay open`,
      value: after[name] - before[name],
      unit: "",
      comparison: { name: "at rest before", value: before[name] },
      target: { max: 0 },
    })),
  ];
}

const names = ["calendar", "admin"] as const;
type Name = (typeof names)[number];
type Services = Readonly<Record<Name, Server>>;
type Descriptors = Readonly<Record<Name, number>>;
/** MiB. */
type Sample = Readonly<Record<Name, number>>;

async function launch(): Promise<{ services: Services; job: Omit<SoakJob, "seconds" | "seed"> }> {
  const sandbox = await launchSandbox();
  await untilAnswered(sandbox.process, () =>
    sendJson({ method: "GET", url: `${sandbox.url}/_sandbox/calls` }),
  );
  const folder = temporaryFolder();
  const calendar = await launchService({
    folder,
    encryptionKey: generateFernetKey(),
    googleUrl: sandbox.url,
    // All visitors come from one address.
    variables: { LINK_PAGES_PER_MINUTE: aMillion },
    logFile: join(folder, "log"),
  });
  const admin = await launchAdmin({ folder, calendarUrl: calendar.url, logFile: join(folder, "log") });
  for (const { url, process } of [calendar, admin])
    await untilAnswered(process, () => sendJson({ method: "GET", url: `${url}/ready` }));
  const customerIds = Array.from({ length: 10 }, (_, i) => `soak-${i}`);
  for (const customerId of customerIds) await connectCustomer(calendar.url, customerId);
  const job = { calendarUrl: calendar.url, adminUrl: admin.url, sandboxUrl: sandbox.url, customerIds };
  return { services: { calendar, admin }, job };
}

/** In a process of its own, so that its connections end with it. */
async function work(job: SoakJob): Promise<SoakResult> {
  const worker = startWorker<SoakJob, SoakResult>("bench/soak-worker.ts");
  const result = await worker.run(job);
  await worker.stop();
  return result;
}

function sampleOf({ calendar, admin }: Services): Sample {
  return { calendar: residentMebibytes(calendar.process), admin: residentMebibytes(admin.process) };
}

/**
 * How much more is resident at the end of the second half than at its beginning. The collector's mood makes a
 * few mebibytes in either direction; what is kept of each call would go on making more.
 */
function memoryOf(name: Name, samples: readonly Sample[]): Measurement {
  const secondHalf = samples.slice(Math.floor(samples.length / 2)).map((sample) => sample[name]);
  const quarter = Math.ceil(secondHalf.length / 4);
  const begins = median(secondHalf.slice(0, quarter));
  return {
    name: `memory of ${name}, gained over the second half`,
    value: median(secondHalf.slice(-quarter)) - begins,
    unit: "MiB",
    comparison: { name: "at its beginning", value: begins },
    target: { max: 12 },
  };
}

/** As soon as there are no more than before, and otherwise when there has been time enough to close them. */
async function descriptorsAtRest(services: Services, before: Descriptors): Promise<Descriptors> {
  const deadline = Date.now() + longestRestMs;
  for (;;) {
    await sleep(restMs);
    const now = descriptorsOf(services);
    if (Date.now() > deadline || names.every((name) => now[name] <= before[name])) return now;
  }
}

function descriptorsOf({ calendar, admin }: Services): Descriptors {
  return { calendar: openDescriptors(calendar.process), admin: openDescriptors(admin.process) };
}

/** Files, sockets and pipes. Only where there is `/proc`; elsewhere the figure misses its target. */
function openDescriptors({ pid }: StartedProcess): number {
  const folder = `/proc/${pid}/fd`;
  return existsSync(folder) ? readdirSync(folder).length : Number.NaN;
}
