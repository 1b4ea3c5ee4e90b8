import { join } from "node:path";
import { createServer } from "../../test/support/postgres/server.ts";
import { temporaryFolder } from "../processes.ts";
import type { Benchmark, BenchmarkOptions, Measurement } from "../report.ts";
import { measureConsents } from "./mixed-consents.ts";
import { measureStorm } from "./renewal-storm.ts";

/** How the integration service connects accounts, and renews what is due at once, on both databases. */
export const integrations: Benchmark = { name: "integrations", measure };

async function measure({ quick }: BenchmarkOptions): Promise<Measurement[]> {
  const connections = quick ? 500 : 10_000;
  const consents = quick ? 110 : 1_000;
  const file = `file:${join(temporaryFolder(), "integrations.db")}`;
  const server = await createServer({ durable: true });
  try {
    return [
      ...(await measureConsents("sqlite", consents)),
      ...(await measureConsents("postgres", consents)),
      ...(await measureStorm("SQLite", file, connections)),
      ...(await measureStorm("PostgreSQL", server.url, connections)),
    ];
  } finally {
    await server.remove();
  }
}
