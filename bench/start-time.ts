import { sendMcp, signOfSuccess } from "./mcp-call.ts";
import { untilAnswered } from "./processes.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";
import type { Server } from "./servers.ts";
import { median } from "./statistics.ts";

const rounds = 5;

/** From starting the process to the first answer with slots in it. */
export async function measureStart(rig: Rig): Promise<Measurement[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await startTime(rig, rig.launchService));
    bare.push(await startTime(rig, rig.launchBare));
  }
  return [
    {
      name: "start to first answered slots call",
      value: median(ours),
      unit: "ms",
      comparison: { name: "bare handler", value: median(bare) },
      target: { max: 1_000 },
    },
  ];
}

async function startTime({ slotsCall }: Rig, launch: () => Promise<Server>): Promise<number> {
  const { url, process, launchedAt } = await launch();
  await untilAnswered(process, () => sendMcp(url, slotsCall, signOfSuccess.get_available_slots));
  const time = performance.now() - launchedAt;
  await process.stop();
  return time;
}
