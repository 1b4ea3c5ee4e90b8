import { randomUUID } from "node:crypto";
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
  UrlElicitationRequiredError,
} from "@modelcontextprotocol/server";

const key = "connect";

/**
 * Asks a client to open a link by the URL elicitation of its protocol version.
 * @returns the result for clients of 2026-07-28; undefined where the client doesn't declare URL elicitation, or has just
 * shown this link. The tool error then has the link in its text.
 * @throws UrlElicitationRequiredError for clients of 2025-11-25 (-32042).
 */
export function elicitUrl(
  server: Server,
  { mcpReq }: ServerContext,
  { url, message }: { url: string; message: string },
): InputRequiredResult | undefined {
  if (mcpReq.envelope === undefined) {
    if (server.getClientCapabilities()?.elicitation?.url === undefined) return undefined;
    const elicitation = { mode: "url" as const, elicitationId: randomUUID(), url, message };
    throw new UrlElicitationRequiredError([elicitation], message);
  }
  // The SDK has checked the envelope, but its type doesn't tell what the envelope holds.
  const envelope: Record<string, ClientCapabilities | undefined> = mcpReq.envelope;
  if (envelope[CLIENT_CAPABILITIES_META_KEY]?.elicitation?.url === undefined) return undefined;
  if (inputResponse(mcpReq.inputResponses, key).kind !== "missing") return undefined;
  return inputRequired({ inputRequests: { [key]: inputRequired.elicitUrl({ url, message }) } });
}
