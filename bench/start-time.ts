import { compareStarts } from "./compare-starts.ts";
import { sendMcp, signOfSuccess } from "./mcp-call.ts";
import { untilAnswered } from "./processes.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";
import type { Server } from "./servers.ts";

/** From starting the process to the first answer with slots in it. */
export function measureStart(rig: Rig): Promise<Measurement> {
  return compareStarts({
    name: "start to first answered slots call",
    start: () => startTime(rig, rig.launchService),
    comparison: { name: "bare handler", start: () => startTime(rig, rig.launchBare) },
    rounds: 5,
    maxMs: 1_000,
  });
}

async function startTime({ slotsCall }: Rig, launch: () => Promise<Server>): Promise<number> {
  const { url, process, launchedAt } = await launch();
  await untilAnswered(process, () => sendMcp(url, slotsCall, signOfSuccess.get_available_slots));
  const time = performance.now() - launchedAt;
  await process.stop();
  return time;
}
