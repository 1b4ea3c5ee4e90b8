import {
  classifyInboundRequest,
  isJSONRPCRequest,
  type JSONRPCRequest,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/server";
import { isJsonObject } from "./json-object.ts";

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

export type ProtocolEra =
  | { readonly kind: "modern" | "reject" }
  /** `message` is undefined where it is no request: a notification or response, or nothing known. */
  | { readonly kind: "legacy"; readonly message: JSONRPCRequest | undefined };

/** Which protocol era a request belongs to, by the SDK's own rules. */
export function eraOf(clues: EraClues): ProtocolEra {
  const { body } = clues;
  if (isPlainlyOlder(body, clues.version)) return { kind: "legacy", message: body };
  const { kind } = classifyInboundRequest({
    httpMethod: "POST",
    protocolVersionHeader: clues.version,
    mcpMethodHeader: clues.method,
    mcpNameHeader: clues.name,
    body,
  });
  if (kind !== "legacy") return { kind };
  return { kind, message: isJSONRPCRequest(body) ? body : undefined };
}

const members = new Set(["jsonrpc", "id", "method", "params"]);

/**
 * Nothing but a request, which says nothing of itself in `_meta`: most of those that come. The SDK would
 * first check, at the price of two errors, whether it is a response.
 */
function isPlainlyOlder(body: unknown, version: string | undefined): body is JSONRPCRequest {
  if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) return false;
  if (!isJsonObject(body) || body.jsonrpc !== "2.0" || typeof body.method !== "string") return false;
  if (typeof body.id !== "string" && !Number.isSafeInteger(body.id)) return false;
  if (body.params !== undefined && (!isJsonObject(body.params) || "_meta" in body.params)) return false;
  return Object.keys(body).every((member) => members.has(member));
}
