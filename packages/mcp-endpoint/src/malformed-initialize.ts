import {
  isInitializeRequest,
  isJSONRPCRequest,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import { rpcError } from "./rpc-error.ts";

/**
 * The answer to an older client's `initialize` that isn't one: the SDK would call it an internal error, and
 * recite its schema.
 * @returns undefined for everything else, also of 2026-07-28, which has no `initialize`.
 */
export function refuseMalformedInitialize(message: unknown) {
  if (!isInitialize(message) || !isJSONRPCRequest(message)) return undefined;
  if (isInitializeRequest(message) || isEnveloped(message)) return undefined;
  return rpcError(
    -32_602,
    "initialize needs protocolVersion (text), capabilities and clientInfo.",
    message.id,
  );
}

/** Asked first, because every message comes by here and few are one. */
function isInitialize(message: unknown): boolean {
  return (message as { method?: unknown } | null)?.method === "initialize";
}

function isEnveloped({ params }: JSONRPCRequest): boolean {
  return params?._meta?.[PROTOCOL_VERSION_META_KEY] !== undefined;
}
