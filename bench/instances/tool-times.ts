import { callTool, type McpCall, sendMcp, successTexts, type ToolName } from "../mcp/mcp-call.ts";
import type { Measurement } from "../report.ts";
import { median } from "../statistics.ts";
import type { FilledDatabase } from "./customers.ts";

/** With 100,000 customers a call may take this much longer than with 100. */
const maxRatio = 1.5;

const tools = [
  "get_business_info",
  "get_available_slots",
  "book",
  "list_bookings",
  "reschedule_booking",
  "cancel_booking",
] as const satisfies readonly ToolName[];

type Times = Record<ToolName, number[]>;

/**
 * The time of each tool's call, one at a time, with few customers and with many. The two take turns, so that other programs
 * slow down both alike.
 */
export async function measureToolTimes(
  engine: string,
  [few, many]: readonly [FilledDatabase, FilledDatabase],
  rounds: number,
): Promise<Measurement[]> {
  const sides = await Promise.all(
    [few, many].map(async (database) => ({ database, server: await database.launch(), times: noTimes() })),
  );
  for (let round = -Math.ceil(rounds / 4); round < rounds; round++) {
    for (const { database, server, times } of round % 2 === 0 ? sides : sides.toReversed()) {
      const measured = await callAllTools(server.url, database);
      if (round >= 0) for (const tool of tools) times[tool].push(measured[tool]);
    }
  }
  await Promise.all(sides.map(({ server }) => server.process.stop()));
  const [withFew, withMany] = sides.map(({ times }) => times);
  return tools.map((tool) => {
    const before = median(withFew?.[tool] ?? []);
    return {
      name: `${tool}, ${engine}, ${many.customers} customers: p50`,
      value: median(withMany?.[tool] ?? []),
      unit: "ms",
      comparison: { name: `${few.customers} customers`, value: before },
      target: { max: Number((maxRatio * before).toFixed(2)) },
    };
  });
}

const noTimes = (): Times =>
  Object.fromEntries(tools.map((tool) => [tool, [] as number[]])) as unknown as Times;

/** @returns how long each has taken, in milliseconds. */
async function callAllTools(
  url: string,
  { bookings, active }: FilledDatabase,
): Promise<Record<ToolName, number>> {
  const times: Partial<Record<ToolName, number>> = {};
  const time = async (tool: ToolName, call: McpCall) => {
    const begun = performance.now();
    const answer = await sendMcp(url, call, successTexts[tool]);
    times[tool] = performance.now() - begun;
    return answer;
  };
  const [call, other] = bookings.takeTwo();
  const customerId = call.headers["x-customer-id"] ?? active[0] ?? "";
  const { start_iso } = readArguments(call);
  await time("get_business_info", callTool(customerId, "get_business_info", {}));
  await time(
    "get_available_slots",
    callTool(customerId, "get_available_slots", { date_iso: start_iso.slice(0, 10) }),
  );
  const booking_id = readBookingId(await time("book", call));
  await time("list_bookings", callTool(customerId, "list_bookings", {}));
  const move = { booking_id, start_iso: readArguments(other).start_iso };
  await time("reschedule_booking", callTool(customerId, "reschedule_booking", move));
  await time("cancel_booking", callTool(customerId, "cancel_booking", { booking_id }));
  return times as Record<ToolName, number>;
}

function readArguments({ body }: McpCall): { start_iso: string } {
  return (JSON.parse(body) as { params: { arguments: { start_iso: string } } }).params.arguments;
}

function readBookingId(answer: string): string {
  const { result } = JSON.parse(answer) as { result: { structuredContent: { booking_id: string } } };
  return result.structuredContent.booking_id;
}
