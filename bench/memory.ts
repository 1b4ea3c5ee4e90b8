import type { LoadGenerator } from "./load.ts";
import { type McpCall, sendMcp, signOfSuccess } from "./mcp-call.ts";
import { residentMebibytes, untilAnswered } from "./processes.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";
import type { Server } from "./servers.ts";
import { median } from "./statistics.ts";

const rounds = 5;
const slotsCalls = 900;
const bookings = 100;

/** What a freshly started service keeps after its first call, and after a thousand, most of them for slots. */
export async function measureMemory(rig: Rig, generator: LoadGenerator): Promise<Measurement[]> {
  const ours: Residence[] = [];
  const bare: Residence[] = [];
  for (let round = 0; round < rounds; round++) {
    const bookingCalls = rig.bookings.takeMany(bookings);
    ours.push(await residence(rig, generator, await rig.launchService(), bookingCalls));
    bare.push(await residence(rig, generator, await rig.launchBare(), bookingCalls));
  }
  const measurement = (when: string, key: keyof Residence) => ({
    name: `resident memory after ${when}`,
    value: median(ours.map((one) => one[key])),
    unit: "MiB",
    comparison: { name: "bare handler", value: median(bare.map((one) => one[key])) },
  });
  return [
    measurement("the first call", "atFirst"),
    { ...measurement(`${slotsCalls + bookings} calls`, "inTheEnd"), target: { max: 120 } },
  ];
}

/** By then V8 has given what is short-lived the most room it gives it. */
const callsToSettle = 40_000;
const callsToWarm = 20_000;
const callsWatched = 100_000;

/** Whether a service that is called all day keeps growing: over a hundred thousand calls from when it has settled. */
export async function measureGrowth(rig: Rig, generator: LoadGenerator): Promise<Measurement[]> {
  const { url, process } = await rig.launchService();
  const sign = signOfSuccess.get_business_info;
  await untilAnswered(process, () => sendMcp(url, rig.infoCall, sign));
  const job = { url: `${url}/mcp`, connections: 10, requests: [rig.infoCall], sign };
  const memoryAfter = async (calls: number) => {
    await generator.run({ ...job, limit: { calls } });
    return residentMebibytes(process);
  };
  const warm = await memoryAfter(callsToWarm);
  const settled = await memoryAfter(callsToSettle - callsToWarm);
  const inTheEnd = await memoryAfter(callsWatched);
  await process.stop();
  const grown = (from: number, to: number) => `resident memory grown from the ${from}th to the ${to}th call`;
  return [
    { name: grown(callsToWarm, callsToSettle), value: settled - warm, unit: "MiB" },
    {
      name: grown(callsToSettle, callsToSettle + callsWatched),
      value: inTheEnd - settled,
      unit: "MiB",
      target: { max: 10 },
    },
  ];
}

type Residence = { atFirst: number; inTheEnd: number };

async function residence(
  { slotsCall }: Rig,
  generator: LoadGenerator,
  { url, process }: Server,
  bookingCalls: McpCall[],
): Promise<Residence> {
  const { get_available_slots: slotsSign, book: bookSign } = signOfSuccess;
  await untilAnswered(process, () => sendMcp(url, slotsCall, slotsSign));
  const atFirst = residentMebibytes(process);
  const job = { url: `${url}/mcp`, connections: 5 };
  await generator.run({ ...job, requests: [slotsCall], limit: { calls: slotsCalls - 1 }, sign: slotsSign });
  await generator.run({ ...job, requests: bookingCalls, limit: { calls: bookings }, sign: bookSign });
  const inTheEnd = residentMebibytes(process);
  await process.stop();
  return { atFirst, inTheEnd };
}
