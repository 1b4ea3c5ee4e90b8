import { sendJson } from "./http-client.ts";
import { makeChanges } from "./make-changes.ts";
import { type McpCall, sendMcp, signOfSuccess, type ToolName } from "./mcp-call.ts";
import type { Measurement } from "./report.ts";
import type { Rig } from "./rig.ts";

const callsPerTool = 20;

/** How often a call of each tool goes to Google: every one costs its quota and the agent's patience. */
export async function countUpstreamCalls(rig: Rig, serviceUrl: string): Promise<Measurement[]> {
  const count = async (tool: ToolName, calls: readonly McpCall[], max: number) => {
    const control = `${rig.sandboxUrl}/_sandbox/calls`;
    await sendJson({ method: "DELETE", url: control });
    for (const call of calls) await sendMcp(serviceUrl, call, signOfSuccess[tool]);
    const { total } = (await sendJson({ method: "GET", url: control })) as { total: number };
    return { name: `${tool}: upstream calls`, value: total / calls.length, unit: "", target: { max } };
  };
  const { moves, cancels } = await makeChanges(rig, serviceUrl, callsPerTool);
  const over = (call: McpCall) => Array(callsPerTool).fill(call);
  const counted: Measurement[] = [
    await count("get_available_slots", over(rig.slotsCall), 1),
    await count("book", rig.bookings.takeMany(callsPerTool), 3),
    await count("reschedule_booking", moves, 4),
    await count("cancel_booking", cancels, 2),
    // The calendar's time zone, and up to five bookings one by one: docs/decisions/0043.
    await count("list_bookings", over(rig.listCall), 6),
    await count("get_business_info", over(rig.infoCall), 1),
  ];
  return [...counted, countUncounted(rig.tools, counted)];
}

/** A tool whose calls nobody counts misses a target, so that a new one isn't forgotten. */
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
