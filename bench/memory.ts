import type { LoadGenerator } from "./load.ts";
import { type McpCall, sendMcp, signOfSuccess } from "./mcp-call.ts";
import { residentMebibytes, untilAnswered } from "./processes.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";
import type { Server } from "./servers.ts";
import { median } from "./statistics.ts";

const rounds = 5;
const bookings = 100;
const early = 1_000;
/** By then V8 has given what is short-lived the most room it gives it. */
const settled = 10_000;
const late = 100_000;

/** Resident memory, in MiB, by the number of calls that a freshly started service has answered. */
type Residence = { first: number; early: number };
type LongResidence = { settled: number; late: number };

/** What a freshly started service keeps, and whether one that is called all day keeps growing. */
export async function measureMemory(rig: Rig, generator: LoadGenerator): Promise<Measurement[]> {
  const short: Residence[] = [];
  for (let round = 0; round < rounds; round++) {
    const server = await rig.launchService();
    short.push(await measureEarly(rig, generator, server, rig.bookings.takeMany(bookings)));
    await server.process.stop();
  }
  const server = await rig.launchService();
  await measureEarly(rig, generator, server, rig.bookings.takeMany(bookings));
  const long = await measureLate(rig, generator, server);
  await server.process.stop();
  const after = (calls: string, value: number) => ({
    name: `resident memory after ${calls}`,
    value,
    unit: "MiB",
  });
  const target = { max: 180 };
  return [
    after("the first call", median(short.map(({ first }) => first))),
    { ...after(`${early} calls`, median(short.map((one) => one.early))), target },
    { ...after(`${late} calls`, long.late), target },
    {
      name: `resident memory grown from the ${settled}th to the ${late}th call`,
      value: long.late - long.settled,
      unit: "MiB",
      target: { max: 15 },
    },
  ];
}

/** The first call, and a thousand, most of them for slots. */
async function measureEarly(
  { slotsCall }: Rig,
  generator: LoadGenerator,
  { url, process }: Server,
  bookingCalls: McpCall[],
): Promise<Residence> {
  const { get_available_slots: slotsSign, book: bookSign } = signOfSuccess;
  await untilAnswered(process, () => sendMcp(url, slotsCall, slotsSign));
  const first = residentMebibytes(process);
  const job = { url: `${url}/mcp`, connections: 5 };
  const slotsCalls = early - bookings - 1;
  await generator.run({ ...job, requests: [slotsCall], limit: { calls: slotsCalls }, sign: slotsSign });
  await generator.run({ ...job, requests: bookingCalls, limit: { calls: bookings }, sign: bookSign });
  return { first, early: residentMebibytes(process) };
}

async function measureLate(
  { slotsCall }: Rig,
  generator: LoadGenerator,
  { url, process }: Server,
): Promise<LongResidence> {
  const sign = signOfSuccess.get_available_slots;
  const job = { url: `${url}/mcp`, connections: 10, requests: [slotsCall], sign };
  const memoryAfter = async (calls: number) => {
    await generator.run({ ...job, limit: { calls } });
    return residentMebibytes(process);
  };
  return { settled: await memoryAfter(settled - early), late: await memoryAfter(late - settled) };
}
