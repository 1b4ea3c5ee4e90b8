import { startLoadGenerator } from "./load.ts";
import { sendMcp, signOfSuccess } from "./mcp-call.ts";
import { measureGrowth, measureMemory } from "./memory.ts";
import { measureOwnTime } from "./own-time.ts";
import { stopAllProcesses, untilAnswered } from "./processes.ts";
import { type Benchmark, type Measurement, sayProgress, toFigure } from "./report.ts";
import { createRig, type Rig } from "./rig.ts";
import { measureStart } from "./start-time.ts";
import { measureDocumented, measureThroughput } from "./throughput.ts";
import { countUpstreamCalls } from "./upstream-calls.ts";

/** mcp-calendar as an agent meets it: over HTTP, in its own process, with a Google beside it. */
export const mcp: Benchmark = {
  name: "mcp",
  async run() {
    try {
      const measurements = await measure();
      return measurements.map(toFigure);
    } finally {
      await stopAllProcesses();
    }
  },
};

async function measure(): Promise<Measurement[]> {
  sayProgress("mcp: connecting customers");
  const rig = await createRig();
  const generator = startLoadGenerator();
  const asking = await rig.launchWithoutCache();
  await untilAnswered(asking.process, () => sendMcp(asking.url, rig.toolsCall, signOfSuccess["tools/list"]));
  sayProgress("mcp: own time");
  const ownTime = await measureOwnTime(rig, asking.url);
  sayProgress("mcp: upstream calls");
  const upstreamCalls = await countUpstreamCalls(rig, asking.url);
  await asking.process.stop();

  const { ours, bare } = await launchBoth(rig);
  sayProgress("mcp: throughput");
  const throughput = await measureThroughput(rig, generator, { ours: ours.url, bare: bare.url });
  await ours.process.stop();
  sayProgress("mcp: the SDK as its documentation shows it");
  const documented = await measureDocumented(rig, generator, bare.url);
  await bare.process.stop();
  sayProgress("mcp: start");
  const start = await measureStart(rig);
  sayProgress("mcp: memory");
  const memory = await measureMemory(rig, generator);
  sayProgress("mcp: memory over 100,000 calls");
  const growth = await measureGrowth(rig, generator);
  return [...ownTime, ...upstreamCalls, ...throughput, ...documented, start, ...memory, ...growth];
}

async function launchBoth(rig: Rig) {
  const [ours, bare] = await Promise.all([rig.launchService(), rig.launchBare()]);
  for (const { url, process } of [ours, bare]) {
    await untilAnswered(process, () => sendMcp(url, rig.toolsCall, signOfSuccess["tools/list"]));
  }
  return { ours, bare };
}
