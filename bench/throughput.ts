import type { LoadGenerator, LoadJob, LoadResult } from "./load.ts";
import { type McpCall, signOfSuccess } from "./mcp-call.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";
import { median } from "./statistics.ts";

type Load = {
  name: string;
  sign: string;
  connections: number;
  /** What is sent in a round; bookings are others each time. */
  next(): Pick<LoadJob, "limit"> & { requests: McpCall[] };
};

/** Many short rounds: a moment in which the machine is busy elsewhere must not become the median. */
const rounds = 5;
const seconds = 1;
const bookingsPerRound = 120;

/** Each tool, beside a handler that answers the same bytes and does nothing for them. */
export async function measureThroughput(
  rig: Rig,
  generator: LoadGenerator,
  urls: { ours: string; bare: string },
): Promise<Measurement[]> {
  const loads = loadsOf(rig);
  const measurements: Measurement[] = [];
  for (const load of loads) measurements.push(...(await compare(load, generator, urls)));
  return [...measurements, countUnmeasured(rig.tools, loads)];
}

/** A tool nobody wrote a load for misses a target, so that a new one isn't forgotten. */
function countUnmeasured(tools: readonly string[], loads: readonly Load[]): Measurement {
  const unmeasured = tools.filter((tool) => !loads.some(({ name }) => name === tool));
  const names = unmeasured.length === 0 ? "" : ` (${unmeasured.join(", ")})`;
  return { name: `tools not measured${names}`, value: unmeasured.length, unit: "", target: { max: 0 } };
}

function loadsOf({ toolsCall, slotsCall, bookings }: Rig): Load[] {
  const overAndOver = (call: McpCall) => () => ({ requests: [call], limit: { seconds } });
  return [
    { name: "tools/list", sign: signOfSuccess["tools/list"], connections: 10, next: overAndOver(toolsCall) },
    {
      name: "get_available_slots",
      sign: signOfSuccess.get_available_slots,
      connections: 10,
      next: overAndOver(slotsCall),
    },
    {
      name: "book",
      sign: signOfSuccess.book,
      connections: 5,
      next: () => ({ requests: bookings.takeMany(bookingsPerRound), limit: { calls: bookingsPerRound } }),
    },
  ];
}

/** Alternates, so that both sides meet the same machine; the first round only warms up. */
async function compare(
  load: Load,
  generator: LoadGenerator,
  urls: { ours: string; bare: string },
): Promise<Measurement[]> {
  const ours: LoadResult[] = [];
  const bare: LoadResult[] = [];
  for (let round = 0; round <= rounds; round++) {
    const { name: _, next, ...job } = { ...load, ...load.next() };
    ours.push(await generator.run({ ...job, url: `${urls.ours}/mcp` }));
    bare.push(await generator.run({ ...job, url: `${urls.bare}/mcp` }));
  }
  const middle = (results: LoadResult[], key: keyof LoadResult) =>
    median(results.slice(1).map((result) => result[key]));
  const measurement = (what: string, key: keyof LoadResult, unit: string) => ({
    name: `${load.name}, ${load.connections} at once: ${what}`,
    value: middle(ours, key),
    unit,
    comparison: { name: "bare handler", value: middle(bare, key) },
  });
  return [
    measurement("throughput", "perSecond", "/s"),
    measurement("p50", "p50Ms", "ms"),
    measurement("p99", "p99Ms", "ms"),
  ];
}
