import { sendMcp, signOfSuccess } from "./mcp-call.ts";
import { untilAnswered } from "./processes.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";
import { median } from "./statistics.ts";

const rounds = 5;

/** From starting the process to the first answer with slots in it. */
export async function measureStart(rig: Rig): Promise<Measurement> {
  // The first start fills the compile cache, which happens once.
  await timeStart(rig);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timeStart(rig));
  return {
    name: "start to first answered slots call",
    value: median(times),
    unit: "ms",
    target: { max: 500 },
  };
}

async function timeStart({ slotsCall, launchService }: Rig): Promise<number> {
  const { url, process, launchedAt } = await launchService();
  await untilAnswered(process, () => sendMcp(url, slotsCall, signOfSuccess.get_available_slots));
  const time = performance.now() - launchedAt;
  await process.stop();
  return time;
}
