import { execFileSync } from "node:child_process";
import { pathOf, untilAnswered } from "../processes.ts";
import { type Benchmark, logProgress, type Measurement } from "../report.ts";
import { measureConcurrency } from "./concurrency.ts";
import { createFixture } from "./fixture.ts";
import { startLoadGenerator } from "./load-generator.ts";
import { sendMcp, successTexts } from "./mcp-call.ts";
import { measureMemory } from "./memory.ts";
import { measureOwnTime } from "./own-time.ts";
import { measureStart } from "./start-time.ts";
import { countUpstreamCalls } from "./upstream-calls.ts";

/** mcp-calendar as production runs it: built, in its own process, called over HTTP, with a Google beside it. */
export const mcp: Benchmark = { name: "mcp", measure };

async function measure(): Promise<Measurement[]> {
  logProgress("mcp: building");
  execFileSync(process.execPath, [pathOf("scripts/build.ts")], { stdio: ["ignore", "ignore", "inherit"] });
  logProgress("mcp: connecting customers");
  const fixture = await createFixture();
  const generator = startLoadGenerator();
  const uncached = await fixture.launchWithoutCache();
  await untilAnswered(uncached.process, () =>
    sendMcp(uncached.url, fixture.toolsCall, successTexts["tools/list"]),
  );
  logProgress("mcp: own time");
  const ownTime = await measureOwnTime(fixture, uncached.url);
  logProgress("mcp: upstream calls");
  const upstreamCalls = await countUpstreamCalls(fixture, uncached.url);
  await uncached.process.stop();

  logProgress("mcp: fifty callers at once");
  const concurrency = await measureConcurrency(fixture, generator);
  logProgress("mcp: start");
  const start = await measureStart(fixture);
  logProgress("mcp: memory over 100,000 calls");
  const memory = await measureMemory(fixture, generator);
  return [start, ...memory, ...ownTime, ...concurrency, ...upstreamCalls];
}
