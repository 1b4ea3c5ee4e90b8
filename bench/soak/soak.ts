import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateFernetKey } from "@cita/token-store";
import { connectCustomer } from "../connect-customer.ts";
import { sendJson } from "../http-client.ts";
import {
  residentMebibytes,
  type StartedProcess,
  startWorker,
  temporaryFolder,
  untilAnswered,
} from "../processes.ts";
import { type Benchmark, type BenchmarkOptions, logProgress, type Measurement } from "../report.ts";
import { launchAdmin, launchSandbox, launchService, type Server } from "../servers.ts";
import { median } from "../statistics.ts";
import type { SoakJob, SoakResult } from "./soak-actions.ts";

const warmUpSeconds = 15;
const defaultMinutes = 1;
const sampleEveryMs = 500;
/** Longer than the `keepAliveTimeout` after which unused connections between the two services are closed. */
const maxIdleMs = 80_000;
const idleCheckMs = 3_000;

/**
 * Both services under a mix of everything that they serve. Memory is compared within the second half, when caches are
 * full and code is compiled; descriptors are compared before and afterwards, while the services are idle.
 */
export const soak: Benchmark = { name: "soak", measure };

async function measure({ seed, minutes = defaultMinutes }: BenchmarkOptions): Promise<Measurement[]> {
  const { services, job } = await launch();
  logProgress(`soak: seed ${seed}, ${warmUpSeconds} seconds to warm up`);
  await runWorker({ ...job, seed, seconds: warmUpSeconds });
  await sleep(idleCheckMs);
  const before = descriptorsOf(services);
  logProgress(`soak: ${minutes} minutes`);
  const samples: Sample[] = [];
  const sampling = setInterval(() => samples.push(sampleOf(services)), sampleEveryMs);
  const result = await runWorker({ ...job, seed: seed + 1, seconds: minutes * 60 });
  clearInterval(sampling);
  logProgress("soak: waiting until the services are idle");
  const after = await descriptorsWhenIdle(services, before);
  for (const failure of result.failures.slice(0, 20)) logProgress(`soak: ${failure}`);
  return [
    { name: "calls", value: result.calls, unit: "" },
    { name: "bookings made", value: result.booked, unit: "", target: { min: 1 } },
    { name: "answered with a 5xx", value: result.failures.length, unit: "", target: { max: 0 } },
    ...names.map((name) => memoryOf(name, samples)),
    ...names.map((name) => ({
      name: `descriptors of ${name} that stay open`,
      value: after[name] - before[name],
      unit: "",
      comparison: { name: "when idle before", value: before[name] },
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
    // All virtual users have one address.
    variables: { LINK_PAGES_PER_MINUTE: "1000000" },
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

/** The worker's end closes its connections, which would count as descriptors of the services. */
async function runWorker(job: SoakJob): Promise<SoakResult> {
  const worker = startWorker<SoakJob, SoakResult>("bench/soak/soak-worker.ts");
  const result = await worker.run(job);
  await worker.stop();
  return result;
}

function sampleOf({ calendar, admin }: Services): Sample {
  return { calendar: residentMebibytes(calendar.process), admin: residentMebibytes(admin.process) };
}

/**
 * How much resident memory grows from the beginning to the end of the second half. The garbage collector's timing
 * changes it by a few MiB in either direction; a leak would go on.
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

/** Waits until there are no more than before, for `maxIdleMs` at most. */
async function descriptorsWhenIdle(services: Services, before: Descriptors): Promise<Descriptors> {
  const deadline = Date.now() + maxIdleMs;
  for (;;) {
    await sleep(idleCheckMs);
    const now = descriptorsOf(services);
    if (Date.now() > deadline || names.every((name) => now[name] <= before[name])) return now;
  }
}

function descriptorsOf({ calendar, admin }: Services): Descriptors {
  return { calendar: openDescriptors(calendar.process), admin: openDescriptors(admin.process) };
}

/** Files, sockets and pipes. NaN, which misses the target, where there is no `/proc`. */
function openDescriptors({ pid }: StartedProcess): number {
  const folder = `/proc/${pid}/fd`;
  return existsSync(folder) ? readdirSync(folder).length : Number.NaN;
}
