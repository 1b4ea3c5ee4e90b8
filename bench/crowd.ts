import type { LoadGenerator, LoadResult } from "./load.ts";
import { sendMcp, signOfSuccess } from "./mcp-call.ts";
import { untilAnswered } from "./processes.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";
import { median } from "./statistics.ts";

const callers = 50;
/** Many short rounds: a moment in which the machine is busy elsewhere must not become the median. */
const rounds = 5;
const seconds = 2;

/**
 * Fifty callers who ask for slots at once and again as soon as they are answered. Google is asked once in two
 * seconds, as in production, so that nearly all of the time is the service's own.
 */
export async function measureCrowd({ slotsCall, launchService }: Rig, generator: LoadGenerator) {
  const sign = signOfSuccess.get_available_slots;
  const { url, process } = await launchService();
  await untilAnswered(process, () => sendMcp(url, slotsCall, sign));
  const results: LoadResult[] = [];
  for (let round = 0; round <= rounds; round++) {
    const job = { url: `${url}/mcp`, connections: callers, requests: [slotsCall], limit: { seconds }, sign };
    results.push(await generator.run(job));
  }
  await process.stop();
  // The first round warms up.
  const middle = (key: keyof LoadResult) => median(results.slice(1).map((result) => result[key]));
  const name = `slots, ${callers} at once`;
  const measurements: Measurement[] = [
    { name: `${name}: throughput`, value: middle("perSecond"), unit: "/s" },
    { name: `${name}: p50`, value: middle("p50Ms"), unit: "ms" },
    { name: `${name}: p99`, value: middle("p99Ms"), unit: "ms", target: { max: 100 } },
  ];
  return measurements;
}
