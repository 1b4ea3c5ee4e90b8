import type { LoadGenerator, LoadJob, LoadResult } from "./load.ts";
import { makeChanges } from "./make-changes.ts";
import { type McpCall, sendMcp, signOfSuccess, type ToolName } from "./mcp-call.ts";
import { untilAnswered } from "./processes.ts";
import type { Measurement, Target } from "./report.ts";
import type { Rig } from "./rig.ts";
import { median } from "./statistics.ts";

type Load = {
  name: string;
  sign: string;
  connections: number;
  /** What is sent in a round to this server; bookings are others each time. */
  next(url: string): Promise<Pick<LoadJob, "limit"> & { requests: McpCall[] }>;
  /** Whether it is the one that is held against what the bare handler does. */
  targeted?: true;
};

/** Many short rounds: a moment in which the machine is busy elsewhere must not become the median. */
const rounds = 5;
const seconds = 1;
const bookingsPerRound = 120;
const changesPerRound = 20;

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

/** What a server of the SDK's own documentation does beside the same bare handler. */
export async function measureDocumented(
  rig: Rig,
  generator: LoadGenerator,
  bareUrl: string,
): Promise<Measurement[]> {
  const server = await rig.launchSdkServer();
  const sign = signOfSuccess.get_business_info;
  await untilAnswered(server.process, () => sendMcp(server.url, rig.infoCall, sign));
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const job = { sign, connections: 10, requests: [rig.infoCall], limit: { seconds } };
    const documented = await generator.run({ ...job, url: `${server.url}/mcp` });
    const bare = await generator.run({ ...job, url: `${bareUrl}/mcp` });
    ratios.push(documented.perSecond / bare.perSecond);
  }
  await server.process.stop();
  const name = "the SDK as its documentation shows it: throughput by the bare handler's";
  return [{ name, value: median(ratios.slice(1)), unit: "" }];
}

/** A tool nobody wrote a load for misses a target, so that a new one isn't forgotten. */
function countUnmeasured(tools: readonly string[], loads: readonly Load[]): Measurement {
  const unmeasured = tools.filter((tool) => !loads.some(({ name }) => name === tool));
  const names = unmeasured.length === 0 ? "" : ` (${unmeasured.join(", ")})`;
  return { name: `tools not measured${names}`, value: unmeasured.length, unit: "", target: { max: 0 } };
}

function loadsOf(rig: Rig): Load[] {
  const overAndOver = (name: keyof typeof signOfSuccess, call: McpCall): Load => ({
    name,
    sign: signOfSuccess[name],
    connections: 10,
    next: async () => ({ requests: [call], limit: { seconds } }),
  });
  const once = (name: ToolName, take: (url: string) => Promise<McpCall[]>): Load => ({
    name,
    sign: signOfSuccess[name],
    connections: 5,
    next: async (url) => {
      const requests = await take(url);
      return { requests, limit: { calls: requests.length } };
    },
  });
  const changes = (url: string) => makeChanges(rig, url, changesPerRound);
  return [
    overAndOver("tools/list", rig.toolsCall),
    // It asks nobody else: what it costs is the protocol, HTTP, and a little of our own.
    { ...overAndOver("get_business_info", rig.infoCall), targeted: true },
    overAndOver("get_available_slots", rig.slotsCall),
    overAndOver("list_bookings", rig.listCall),
    once("book", async () => rig.bookings.takeMany(bookingsPerRound)),
    once("reschedule_booking", async (url) => (await changes(url)).moves),
    once("cancel_booking", async (url) => (await changes(url)).cancels),
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
    const { sign, connections } = load;
    const job = { sign, connections, ...(await load.next(urls.ours)) };
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
  /** Round by round, because a busy moment slows both. */
  const share = (what: string, key: keyof LoadResult, target: Target) => ({
    name: `${load.name}: ${what} by the bare handler's`,
    value: median(ours.slice(1).map((result, round) => result[key] / (bare[round + 1]?.[key] ?? 0))),
    unit: "",
    target,
  });
  return [
    measurement("throughput", "perSecond", "/s"),
    measurement("p50", "p50Ms", "ms"),
    measurement("p99", "p99Ms", "ms"),
    ...(load.targeted
      ? [share("throughput", "perSecond", { min: 0.3 }), share("p99", "p99Ms", { max: 4 })]
      : []),
  ];
}
