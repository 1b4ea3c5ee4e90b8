import { tuesdayOfNextWeek } from "../mcp/fixture.ts";
import type { LoadGenerator, LoadJob, LoadResult } from "../mcp/load-generator.ts";
import { callTool, successTexts } from "../mcp/mcp-call.ts";
import type { Measurement } from "../report.ts";
import type { FilledDatabase } from "./customers.ts";
import { startProxy } from "./proxy.ts";

export type Load = {
  /** Of slots calls. */
  readonly seconds: number;
  readonly bookings: number;
  readonly callers: number;
};

/** What so many instances over one database serve, together. The first calls, which compile the code, aren't counted. */
export async function measureThroughput(
  engine: string,
  database: FilledDatabase,
  instances: number,
  { load, generator }: { load: Load; generator: LoadGenerator },
): Promise<Measurement[]> {
  const servers = await Promise.all(Array.from({ length: instances }, () => database.launch()));
  const proxy = await startProxy(servers.map(({ url }) => url));
  const run = (job: Omit<LoadJob, "url" | "connections">) =>
    generator.run({ url: `${proxy.url}/mcp`, connections: load.callers, ...job });
  const readSlots = (seconds: number) =>
    run({
      requests: database.active.map((id) =>
        callTool(id, "get_available_slots", { date_iso: tuesdayOfNextWeek() }),
      ),
      limit: { seconds },
      successText: successTexts.get_available_slots,
    });
  const book = (calls: number) =>
    run({ requests: database.bookings.takeMany(calls), limit: { calls }, successText: successTexts.book });

  try {
    await readSlots(1);
    await book(2 * load.callers);
    const slots = await readSlots(load.seconds);
    const booked = await book(load.bookings);
    return toMeasurements(placeOf(engine, instances, database), { slots, bookings: booked });
  } finally {
    proxy.close();
    await Promise.all(servers.map(({ process }) => process.stop()));
  }
}

function placeOf(engine: string, instances: number, { customers }: FilledDatabase): string {
  return `${engine}, ${instances} ${instances === 1 ? "instance" : "instances"}, ${customers} customers`;
}

function toMeasurements(place: string, results: Record<"slots" | "bookings", LoadResult>): Measurement[] {
  return Object.entries(results).flatMap(([load, { perSecond, p50Ms, p99Ms }]) => [
    { name: `${load}, ${place}: throughput`, value: perSecond, unit: "/s" },
    { name: `${load}, ${place}: p50`, value: p50Ms, unit: "ms" },
    { name: `${load}, ${place}: p99`, value: p99Ms, unit: "ms" },
  ]);
}
