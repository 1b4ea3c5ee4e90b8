import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type Server,
  SUPPORTED_PROTOCOL_VERSIONS,
  type Transport,
} from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { acceptsEvents, acceptsJson, headerOf, sendEvents } from "./headers.ts";
import { boundError, refuseMalformedInitialize, rpcError } from "./message.ts";

/**
 * Answers a message of protocol version 2025-11-25 or an earlier one.
 * @param createServer makes the server for this one request.
 */
export async function answerLegacy(
  request: FastifyRequest,
  reply: FastifyReply,
  message: unknown,
  createServer: () => Server,
): Promise<FastifyReply> {
  const rpcRequest = isJSONRPCRequest(message) ? message : undefined;
  const id = rpcRequest?.id ?? null;
  const version = headerOf(request, "mcp-protocol-version");
  const isNegotiating = rpcRequest?.method === "initialize";
  if (version !== undefined && !isNegotiating && !SUPPORTED_PROTOCOL_VERSIONS.includes(version))
    return reply.code(400).send(rpcError(-32_000, unsupportedVersion, id));
  // Notifications and responses are accepted and ignored, since there are no sessions.
  if (rpcRequest === undefined) return reply.code(202).send();
  const [isJsonAccepted, areEventsAccepted] = [acceptsJson(request), acceptsEvents(request)];
  if (!isJsonAccepted && !areEventsAccepted) return reply.code(406).send(rpcError(-32_000, acceptable, id));
  const malformed = refuseMalformedInitialize(rpcRequest);
  const { notifications, response } = malformed
    ? { notifications: [], response: malformed }
    : await exchange(createServer(), rpcRequest);
  const answer = boundError(response);
  const isEvents = areEventsAccepted && (notifications.length > 0 || !isJsonAccepted);
  return isEvents ? sendEvents(reply, [...notifications, answer]) : reply.send(answer);
}

const unsupportedVersion =
  "Unsupported MCP-Protocol-Version. These are supported: " +
  `${SUPPORTED_PROTOCOL_VERSIONS.join(", ")}, and 2026-07-28 with its own envelope.`;
const acceptable = "Answers are JSON or a stream of events: accept application/json or text/event-stream.";

/** Has a server answer one request, and closes the server. */
async function exchange(server: Server, request: JSONRPCRequest): Promise<Output> {
  const transport = new SingleRequestTransport();
  await server.connect(transport);
  try {
    return await transport.deliver(request);
  } finally {
    await server.close();
  }
}

/** What a server sends for one request. */
type Output = {
  /** Progress and log messages, in their order. */
  readonly notifications: readonly JSONRPCMessage[];
  readonly response: JSONRPCMessage;
};

/**
 * Delivers one request to a server and collects what it sends. The SDK's Streamable HTTP transport would stream instead of
 * returning one JSON object, and omits the id of a request that it refuses.
 */
class SingleRequestTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  readonly #notifications: JSONRPCMessage[] = [];
  readonly #response = Promise.withResolvers<JSONRPCMessage>();

  async start(): Promise<void> {}

  async close(): Promise<void> {
    this.onclose?.();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!("method" in message)) this.#response.resolve(message);
    else if ("id" in message)
      throw new Error("A client can't be asked anything: no session outlives this exchange.");
    else this.#notifications.push(message);
  }

  async deliver(request: JSONRPCRequest): Promise<Output> {
    this.onmessage?.(request);
    const response = await this.#response.promise;
    return { notifications: this.#notifications, response };
  }
}
