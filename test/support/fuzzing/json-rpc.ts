import { exampleOf, type Known } from "./example.ts";
import type { Header } from "./fuzz-request.ts";
import { hostileText } from "./hostile.ts";
import type { Random } from "./random.ts";
import type { JsonSchema } from "./routes.ts";

/** As `tools/list` tells of it. */
export type ListedTool = { readonly name: string; readonly inputSchema: JsonSchema };

type Message = { readonly headers: readonly Header[]; readonly body: string; readonly isValid: boolean };

const otherMethods = [
  "ping",
  "tools/list",
  "initialize",
  "server/discover",
  "notifications/initialized",
  "notifications/cancelled",
  "notifications/progress",
  "resources/list",
  "resources/read",
  "resources/subscribe",
  "subscriptions/listen",
  "prompts/list",
  "prompts/get",
  "completion/complete",
  "logging/setLevel",
  "sampling/createMessage",
  "tasks/get",
  "rpc.discover",
  "__proto__",
  "",
];

const oddIds: readonly unknown[] = [null, "", "a", 0, -1, 1.5, 1e300, true, [], {}, [1], "x".repeat(2_000)];

/** A message to `POST /mcp`: mostly a tool call as agents send it, of either protocol era. */
export function rpcMessage(tools: readonly ListedTool[], known: Known, random: Random): Message {
  const call = random.chance(0.75);
  const [method, params] = call ? toolCall(tools, known, random) : otherCall(random);
  const isOdd = random.chance(0.15);
  const isModern = random.chance(0.3);
  const message: Record<string, unknown> = { jsonrpc: "2.0", id: random.below(1_000), method };
  if (isOdd) message.id = random.pick(oddIds);
  if (isOdd && random.chance(0.2)) delete message.id;
  if (params !== undefined) message.params = isModern ? { ...params, _meta: modernMeta } : params;
  const batch = isOdd && random.chance(0.3);
  return {
    headers: isModern ? modernHeaders(method, params) : legacyHeaders(random),
    body: JSON.stringify(batch ? Array(random.pick([1, 2, 100])).fill(message) : message),
    isValid: call && !isOdd,
  };
}

function toolCall(tools: readonly ListedTool[], known: Known, random: Random): [string, object] {
  const { name, inputSchema } = random.pick(tools);
  return ["tools/call", { name, arguments: exampleOf(inputSchema, known, random) }];
}

function otherCall(random: Random): [string, object | undefined] {
  const params = [
    undefined,
    {},
    { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "fuzz", version: "1" } },
    { protocolVersion: hostileText(random), capabilities: { sampling: {}, elicitation: {} } },
    { requestId: 1, reason: hostileText(random) },
    { progressToken: hostileText(random), progress: 1 },
    { uri: hostileText(random), name: hostileText(random), cursor: hostileText(random), level: "debug" },
  ];
  return [random.pick(otherMethods), random.pick(params)];
}

const modernVersion = "2026-07-28";

const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": modernVersion,
  "io.modelcontextprotocol/clientInfo": { name: "fuzz", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

function modernHeaders(method: string, params: object | undefined): Header[] {
  const { name } = { name: undefined, ...params };
  const headers: Header[] = [
    ["MCP-Protocol-Version", modernVersion],
    ["Accept", "application/json, text/event-stream"],
    ["Mcp-Method", method],
  ];
  if (typeof name === "string" && /^[\w ]+$/.test(name)) headers.push(["Mcp-Name", name]);
  return headers;
}

function legacyHeaders(random: Random): Header[] {
  const headers: Header[] = [];
  if (random.chance(0.3)) headers.push(["MCP-Protocol-Version", random.pick(["2025-11-25", "2025-03-26"])]);
  if (random.chance(0.3)) headers.push(["Accept", "application/json, text/event-stream"]);
  if (random.chance(0.03)) headers.push(["Accept", "text/event-stream"]);
  return headers;
}
