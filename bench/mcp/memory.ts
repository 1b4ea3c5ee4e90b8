import { residentMebibytes, untilAnswered } from "../processes.ts";
import type { Measurement } from "../report.ts";
import type { Server } from "../servers.ts";
import { median } from "../statistics.ts";
import type { Fixture } from "./fixture.ts";
import type { LoadGenerator } from "./load-generator.ts";
import { type McpCall, sendMcp, successTexts } from "./mcp-call.ts";

const rounds = 5;
const bookings = 100;
const earlyCalls = 1_000;
/** By then V8's young generation has its final size. */
const settledCalls = 10_000;
const lateCalls = 100_000;

/** Resident memory in MiB after so many calls. */
type EarlyMemory = { first: number; early: number };
type LateMemory = { settled: number; late: number };

/** Resident memory of a service soon after its start, and whether it grows over many calls. */
export async function measureMemory(fixture: Fixture, generator: LoadGenerator): Promise<Measurement[]> {
  const short: EarlyMemory[] = [];
  for (let round = 0; round < rounds; round++) {
    const server = await fixture.launchService();
    short.push(await measureEarly(fixture, generator, server, fixture.bookings.takeMany(bookings)));
    await server.process.stop();
  }
  const server = await fixture.launchService();
  await measureEarly(fixture, generator, server, fixture.bookings.takeMany(bookings));
  const long = await measureLate(fixture, generator, server);
  await server.process.stop();
  const after = (calls: string, value: number) => ({
    name: `resident memory after ${calls}`,
    value,
    unit: "MiB",
  });
  const target = { max: 180 };
  return [
    after("the first call", median(short.map(({ first }) => first))),
    { ...after(`${earlyCalls} calls`, median(short.map((one) => one.early))), target },
    { ...after(`${lateCalls} calls`, long.late), target },
    {
      name: `resident memory grown from the ${settledCalls}th to the ${lateCalls}th call`,
      value: long.late - long.settled,
      unit: "MiB",
      target: { max: 15 },
    },
  ];
}

/** After the first call and after a thousand, nine in ten of them for slots. */
async function measureEarly(
  { slotsCall }: Fixture,
  generator: LoadGenerator,
  { url, process }: Server,
  bookingCalls: McpCall[],
): Promise<EarlyMemory> {
  const { get_available_slots: slotsText, book: bookText } = successTexts;
  await untilAnswered(process, () => sendMcp(url, slotsCall, slotsText));
  const first = residentMebibytes(process);
  const job = { url: `${url}/mcp`, connections: 5 };
  const slotsCalls = earlyCalls - bookings - 1;
  await generator.run({
    ...job,
    requests: [slotsCall],
    limit: { calls: slotsCalls },
    successText: slotsText,
  });
  await generator.run({ ...job, requests: bookingCalls, limit: { calls: bookings }, successText: bookText });
  return { first, early: residentMebibytes(process) };
}

async function measureLate(
  { slotsCall }: Fixture,
  generator: LoadGenerator,
  { url, process }: Server,
): Promise<LateMemory> {
  const successText = successTexts.get_available_slots;
  const job = { url: `${url}/mcp`, connections: 10, requests: [slotsCall], successText };
  const memoryAfter = async (calls: number) => {
    await generator.run({ ...job, limit: { calls } });
    return residentMebibytes(process);
  };
  return {
    settled: await memoryAfter(settledCalls - earlyCalls),
    late: await memoryAfter(lateCalls - settledCalls),
  };
}
