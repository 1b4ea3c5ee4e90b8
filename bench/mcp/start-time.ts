import { untilAnswered } from "../processes.ts";
import type { Measurement } from "../report.ts";
import { median } from "../statistics.ts";
import type { Fixture } from "./fixture.ts";
import { sendMcp, successTexts } from "./mcp-call.ts";

const rounds = 5;

/** From the start of the process to the first answer with slots. */
export async function measureStart(fixture: Fixture): Promise<Measurement> {
  // The first start fills Node's compile cache.
  await timeStart(fixture);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timeStart(fixture));
  return {
    name: "start to first answered slots call",
    value: median(times),
    unit: "ms",
    target: { max: 500 },
  };
}

async function timeStart({ slotsCall, launchService }: Fixture): Promise<number> {
  const { url, process, launchedAt } = await launchService();
  await untilAnswered(process, () => sendMcp(url, slotsCall, successTexts.get_available_slots));
  const time = performance.now() - launchedAt;
  await process.stop();
  return time;
}
