import { execFileSync } from "node:child_process";
import { measureCrowd } from "./crowd.ts";
import { startLoadGenerator } from "./load.ts";
import { sendMcp, signOfSuccess } from "./mcp-call.ts";
import { measureMemory } from "./memory.ts";
import { measureOwnTime } from "./own-time.ts";
import { pathOf, stopAllProcesses, untilAnswered } from "./processes.ts";
import { type Benchmark, type Measurement, sayProgress, toFigure } from "./report.ts";
import { createRig } from "./rig.ts";
import { measureStart } from "./start-time.ts";
import { countUpstreamCalls } from "./upstream-calls.ts";

/** mcp-calendar as an agent meets it: built, over HTTP, in its own process, with a Google beside it. */
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
  sayProgress("mcp: building");
  execFileSync(process.execPath, [pathOf("scripts/build.ts")], { stdio: ["ignore", "ignore", "inherit"] });
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

  sayProgress("mcp: fifty callers at once");
  const crowd = await measureCrowd(rig, generator);
  sayProgress("mcp: start");
  const start = await measureStart(rig);
  sayProgress("mcp: memory over 100,000 calls");
  const memory = await measureMemory(rig, generator);
  return [start, ...memory, ...ownTime, ...crowd, ...upstreamCalls];
}
