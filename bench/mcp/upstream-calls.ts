import { sendJson } from "../http-client.ts";
import type { Measurement } from "../report.ts";
import type { Fixture } from "./fixture.ts";
import { callTool, type McpCall, sendMcp, successTexts, type ToolName } from "./mcp-call.ts";

const callsPerTool = 20;

/** How many requests to Google a call of each tool makes: each costs quota and the caller's time. */
export async function countUpstreamCalls(fixture: Fixture, serviceUrl: string): Promise<Measurement[]> {
  const count = async (tool: ToolName, calls: readonly McpCall[], max: number) => {
    const control = `${fixture.sandboxUrl}/_sandbox/calls`;
    await sendJson({ method: "DELETE", url: control });
    for (const call of calls) await sendMcp(serviceUrl, call, successTexts[tool]);
    const { total } = (await sendJson({ method: "GET", url: control })) as { total: number };
    return { name: `${tool}: upstream calls`, value: total / calls.length, unit: "", target: { max } };
  };
  const { moves, cancellations } = await bookForChanges(fixture, serviceUrl, callsPerTool);
  const repeated = (call: McpCall) => Array<McpCall>(callsPerTool).fill(call);
  const counted: Measurement[] = [
    await count("get_available_slots", repeated(fixture.slotsCall), 1),
    await count("book", fixture.bookings.takeMany(callsPerTool), 3),
    await count("reschedule_booking", moves, 4),
    await count("cancel_booking", cancellations, 2),
    // The calendar's time zone, and up to five bookings one by one: docs/decisions/0043.
    await count("list_bookings", repeated(fixture.listCall), 6),
    await count("get_business_info", repeated(fixture.infoCall), 1),
  ];
  return [...counted, countUncounted(fixture.tools, counted)];
}

/** Makes bookings. @returns the calls that move each to another free slot, and those that cancel each */
async function bookForChanges(
  { bookings }: Fixture,
  serviceUrl: string,
  count: number,
): Promise<{ moves: McpCall[]; cancellations: McpCall[] }> {
  const moves: McpCall[] = [];
  const cancellations: McpCall[] = [];
  for (let i = 0; i < count; i++) {
    const [call, unused] = bookings.takeTwo();
    const answer = await sendMcp(serviceUrl, call, successTexts.book);
    const { result } = JSON.parse(answer) as { result: { structuredContent: { booking_id: string } } };
    const { booking_id } = result.structuredContent;
    const { params } = JSON.parse(unused.body) as { params: { arguments: { start_iso: string } } };
    const { start_iso } = params.arguments;
    const customerId = call.headers["x-customer-id"] ?? "";
    moves.push(callTool(customerId, "reschedule_booking", { booking_id, start_iso }));
    cancellations.push(callTool(customerId, "cancel_booking", { booking_id }));
  }
  return { moves, cancellations };
}

/** Misses its target where a tool was added whose calls aren't counted here. */
function countUncounted(tools: readonly string[], counted: readonly Measurement[]): Measurement {
  const uncounted = tools.filter((tool) => !counted.some(({ name }) => name.startsWith(`${tool}:`)));
  const names = uncounted.length === 0 ? "" : ` (${uncounted.join(", ")})`;
  return {
    name: `tools whose calls aren't counted${names}`,
    value: uncounted.length,
    unit: "",
    target: { max: 0 },
  };
}
