import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { createServer } from "../../test/support/postgres/server.ts";
import { pathOf, temporaryFolder } from "../processes.ts";
import { type Benchmark, type BenchmarkOptions, logProgress, type Measurement } from "../report.ts";
import { type DatabaseUrls, fillPanel } from "./filled-panel.ts";
import { measureConnecting, measureOpenPages } from "./live-pages.ts";
import { measureBytes } from "./page-bytes.ts";
import { measurePages } from "./page-times.ts";

type Plan = {
  readonly customers: readonly [few: number, many: number];
  readonly rounds: number;
  readonly consents: number;
};

const full: Plan = { customers: [1_000, 100_000], rounds: 100, consents: 10 };
const quick: Plan = { customers: [200, 5_000], rounds: 20, consents: 3 };

/** What PostgreSQL would be given on a machine of its own is many times that. */
const postgresSettings = { shared_buffers: "256MB", max_wal_size: "4GB" };

/** The panel as production runs it, for an admin with few and with many customers, on both engines. */
export const panel: Benchmark = { name: "panel", measure };

async function measure(options: BenchmarkOptions): Promise<Measurement[]> {
  const plan = options.quick ? quick : full;
  logProgress("panel: building");
  execFileSync(process.execPath, [pathOf("scripts/build.ts")], { stdio: ["ignore", "ignore", "inherit"] });
  const folder = temporaryFolder();
  const sqlite = await measureEngine("SQLite", plan, (customers) => ({
    calendar: `file:${join(folder, `calendar-${customers}.db`)}`,
    admin: `file:${join(folder, `admin-${customers}.db`)}`,
  }));
  const server = await createServer({ durable: true, settings: postgresSettings });
  try {
    const postgres = await measureEngine("PostgreSQL", plan, (customers) => ({
      calendar: `${server.url}?schema=calendar_${customers}`,
      admin: `${server.url}?schema=admin_${customers}`,
    }));
    return [...sqlite, ...postgres];
  } finally {
    await server.remove();
  }
}

async function measureEngine(
  engine: string,
  { customers, rounds, consents }: Plan,
  toUrls: (customers: number) => DatabaseUrls,
): Promise<Measurement[]> {
  const [fewCustomers, manyCustomers] = customers;
  const few = await fillPanel(toUrls(fewCustomers), fewCustomers);
  logProgress(`panel: ${engine}, adding ${manyCustomers} customers`);
  const many = await fillPanel(toUrls(manyCustomers), manyCustomers);
  logProgress(`panel: ${engine}, open lists`);
  const memory = await measureOpenPages(many, engine);
  logProgress(`panel: ${engine}, pages`);
  const times = await measurePages(engine, [few, many], rounds);
  const bytes = engine === "SQLite" ? await measureBytes(many) : [];
  logProgress(`panel: ${engine}, consents`);
  const connecting = await measureConnecting(many, engine, consents);
  for (const one of [few, many]) await one.stop();
  return [...bytes, ...times, connecting, memory];
}
