import { execFileSync } from "node:child_process";
import { join } from "node:path";
import pg from "pg";
import { createServer, type PostgresServer } from "../../test/support/postgres/server.ts";
import { sendJson } from "../http-client.ts";
import { startLoadGenerator } from "../mcp/load-generator.ts";
import { pathOf, temporaryFolder, untilAnswered } from "../processes.ts";
import { type Benchmark, type BenchmarkOptions, logProgress, type Measurement } from "../report.ts";
import { launchSandbox } from "../servers.ts";
import { type FilledDatabase, fillDatabase } from "./customers.ts";
import { type Load, measureThroughput } from "./throughput.ts";
import { measureToolTimes } from "./tool-times.ts";

type Plan = {
  readonly customers: readonly number[];
  readonly active: number;
  readonly instances: readonly number[];
  readonly load: Load;
  readonly toolRounds: number;
};

const full: Plan = {
  customers: [100, 10_000, 100_000],
  active: 40,
  instances: [1, 2, 4],
  load: { seconds: 4, bookings: 800, callers: 16 },
  toolRounds: 100,
};
const quick: Plan = {
  customers: [100, 5_000],
  active: 10,
  instances: [1, 2],
  load: { seconds: 1, bookings: 160, callers: 16 },
  toolRounds: 20,
};

/** What PostgreSQL would be given on a machine of its own is many times that. */
const postgresSettings = { shared_buffers: "256MB", max_wal_size: "4GB" };

/**
 * mcp-calendar as production runs it, in one, two and four instances behind a proxy, over a database with more and more
 * customers, on both engines. Google answers at once.
 */
export const instances: Benchmark = { name: "instances", measure };

async function measure(options: BenchmarkOptions): Promise<Measurement[]> {
  const plan = options.quick ? quick : full;
  logProgress("instances: building");
  execFileSync(process.execPath, [pathOf("scripts/build.ts")], { stdio: ["ignore", "ignore", "inherit"] });
  const folder = temporaryFolder();
  const sqlite = await measureEngine(
    "SQLite",
    plan,
    (customers) => `file:${join(folder, `${customers}.db`)}`,
  );
  const server = await createServer({ durable: true, settings: postgresSettings });
  try {
    const toUrl = (customers: number) => `${server.url}?schema=with_${customers}`;
    return [...sqlite, ...(await measureEngine("PostgreSQL", plan, toUrl)), await readVersion(server)];
  } finally {
    await server.remove();
  }
}

async function measureEngine(
  engine: string,
  plan: Plan,
  toUrl: (customers: number) => string,
): Promise<Measurement[]> {
  const google = await launchSandbox();
  await untilAnswered(google.process, () => sendJson({ method: "GET", url: `${google.url}/_sandbox/calls` }));
  const generator = startLoadGenerator();
  const databases: FilledDatabase[] = [];
  const measurements: Measurement[] = [];
  for (const customers of plan.customers) {
    logProgress(`instances: ${engine}, adding ${customers} customers`);
    const database = await fillDatabase({
      databaseUrl: toUrl(customers),
      googleUrl: google.url,
      customers,
      active: plan.active,
    });
    databases.push(database);
    for (const count of plan.instances) {
      logProgress(`instances: ${engine}, ${customers} customers, ${count} at once`);
      measurements.push(
        ...(await measureThroughput(engine, database, count, { load: plan.load, generator })),
      );
    }
  }
  const [few, many] = [databases.at(0), databases.at(-1)];
  if (few === undefined || many === undefined) throw new Error("There is no database.");
  logProgress(`instances: ${engine}, the time of each tool`);
  const times = await measureToolTimes(engine, [few, many], plan.toolRounds);
  await google.process.stop();
  return [...measurements, ...summarize(engine, measurements, many), ...times];
}

function summarize(
  engine: string,
  measurements: readonly Measurement[],
  many: FilledDatabase,
): Measurement[] {
  const most = measurements.filter(({ name }) => name.startsWith("bookings,") && name.endsWith("throughput"));
  return [
    {
      name: `bookings, ${engine}: the most`,
      value: Math.max(...most.map(({ value }) => value)),
      unit: "/s",
    },
    ...Object.entries(many.bytes).map(([what, bytes]) => ({
      name: `room, ${engine}: ${what}`,
      value: bytes,
      unit: "bytes",
    })),
  ];
}

async function readVersion({ url }: PostgresServer): Promise<Measurement> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ version: string }>(
    "select current_setting('server_version_num') as version",
  );
  await client.end();
  return { name: "PostgreSQL's version", value: Math.floor(Number(rows[0]?.version) / 10_000), unit: "" };
}
