import { classifyInboundRequest, SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";

/** What of a request to `POST /mcp` tells its protocol era. */
export type EraClues = {
  readonly body: unknown;
  /** `MCP-Protocol-Version` */
  readonly version: string | undefined;
  /** `Mcp-Method` */
  readonly method: string | undefined;
  /** `Mcp-Name` */
  readonly name: string | undefined;
};

/** Which protocol era a request belongs to, by the SDK's own rules. */
export function eraOf(clues: EraClues): "legacy" | "modern" | "reject" {
  if (isPlainlyOlder(clues)) return "legacy";
  return classifyInboundRequest({
    httpMethod: "POST",
    protocolVersionHeader: clues.version,
    mcpMethodHeader: clues.method,
    mcpNameHeader: clues.name,
    body: clues.body,
  }).kind;
}

const members = new Set(["jsonrpc", "id", "method", "params"]);

/**
 * Nothing but a request, which says nothing of itself in `_meta`: most of those that come. The SDK would
 * first check, at the price of two errors, whether it is a response.
 */
function isPlainlyOlder({ body, version }: EraClues): boolean {
  if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) return false;
  if (!isObject(body) || body.jsonrpc !== "2.0" || typeof body.method !== "string") return false;
  if (typeof body.id !== "string" && !Number.isSafeInteger(body.id)) return false;
  if (body.params !== undefined && (!isObject(body.params) || "_meta" in body.params)) return false;
  return Object.keys(body).every((member) => members.has(member));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
