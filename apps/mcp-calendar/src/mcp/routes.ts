import { Readable } from "node:stream";
import type { Limiter } from "@cita/http";
import {
  classifyInboundRequest,
  createMcpHandler,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  SUPPORTED_PROTOCOL_VERSIONS,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { McpServerFactory } from "../mcp-server.ts";
import { isLocalOrigin } from "../plugins/local-names.ts";
import type { Authorizer } from "./authorize.ts";
import type { BusinessDay, FindBusinessDay } from "./business-day.ts";
import { hasMalformedParams } from "./malformed-params.ts";
import type { McpCaller } from "./mcp-caller.ts";
import { exchange } from "./single-exchange.ts";

export type McpRoutesOptions = {
  createServer: McpServerFactory;
  /** Who may call, and for which customer. */
  authorizer: Authorizer;
  /** For the instructions. */
  businessDayOf: FindBusinessDay;
  /** Counts the requests of each customer. */
  limit: Limiter;
  /** Where this service is reached from outside: its own pages may call it. */
  publicUrl: string;
};

/** A tool call is small; this leaves room for long notes. */
const largestBody = 256 * 1024;

/** `POST /mcp`: stateless, one protocol server an exchange, clients of both protocol eras. */
export const mcpRoutes: FastifyPluginAsync<McpRoutesOptions> = async (app, options) => {
  const { createServer, businessDayOf, authorizer, limit } = options;
  const ownOrigin = new URL(options.publicUrl).origin;
  /** Which request of ours a web request stands for: the SDK hands nothing else on. */
  const callers = new WeakMap<Request, McpCaller>();
  const modern = createMcpHandler(
    ({ requestInfo }) => {
      const caller = requestInfo && callers.get(requestInfo);
      if (caller === undefined) throw new TypeError("The request isn't one of those that were passed on.");
      return createServer(caller);
    },
    {
      legacy: "reject",
      onerror: (error) => app.log.debug({ err: error }, "a protocol request was refused"),
    },
  );
  app.addHook("onClose", () => modern.close());
  app.setErrorHandler<FastifyError>((error, request, reply) => answerUnreadable(error, request, reply));

  app.addHook("onRequest", async (request, reply) => {
    const { origin } = request.headers;
    if (origin !== undefined && origin !== ownOrigin && !isLocalOrigin(origin))
      return reply.code(403).send(rpcError(-32_001, foreignOrigin));
    const refusal = await authorizer.authorize(request);
    if (refusal === undefined) return undefined;
    return reply.code(refusal.statusCode).headers(refusal.headers).send(rpcError(-32_001, refusal.message));
  });

  app.post("/mcp", { bodyLimit: largestBody }, async (request, reply) => {
    const waitSeconds = await limit.take(request);
    if (waitSeconds !== undefined) {
      reply.header("retry-after", waitSeconds);
      if (!isToolCall(request.body)) return reply.code(429).send(tooManyRequests(request.body));
    }
    if (Array.isArray(request.body))
      return reply.code(400).send(rpcError(-32_600, "Batches are not supported."));
    const customerId = authorizer.customerOf(request);
    const today = await dayForGreeting(request.body, customerId, businessDayOf);
    const caller = { customerId, waitSeconds, today, log: request.log };
    const isLegacy = classify(request) === "legacy";
    if (isLegacy && isPlainRequest(request)) {
      if (hasMalformedParams(request.body)) return malformedParams(request.body);
      return sendExchange(reply, await exchange(createServer(caller), request.body, takesEvents(request)));
    }
    const webRequest = toWebRequest(request);
    callers.set(webRequest, caller);
    const response = isLegacy
      ? await serveLegacy(createServer(caller), webRequest, request.body)
      : await modern.fetch(webRequest, { parsedBody: request.body });
    return sendWebResponse(reply, response);
  });

  app.route({
    method: ["GET", "HEAD", "DELETE", "PUT", "PATCH", "OPTIONS"],
    url: "/mcp",
    handler: (_request, reply) =>
      reply.code(405).header("allow", "POST").send(rpcError(-32_000, "Send a JSON-RPC request with POST.")),
  });
};

const foreignOrigin = "A web page from elsewhere must not call this server.";

/** Which protocol era a request belongs to, by the SDK's own rules. */
function classify({ headers, body }: FastifyRequest): "legacy" | "modern" | "reject" {
  return classifyInboundRequest({
    httpMethod: "POST",
    protocolVersionHeader: single(headers["mcp-protocol-version"]),
    mcpMethodHeader: single(headers["mcp-method"]),
    mcpNameHeader: single(headers["mcp-name"]),
    body,
  }).kind;
}

type PlainRequest = FastifyRequest & { body: JSONRPCRequest };

/** One request of a version we speak, from a client that takes JSON. All else is for the SDK's transport to judge. */
function isPlainRequest(request: FastifyRequest): request is PlainRequest {
  const version = single(request.headers["mcp-protocol-version"]);
  const speaksOurs = version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(version);
  return speaksOurs && acceptsJson(request.headers.accept ?? "") && isJSONRPCRequest(request.body);
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(", ") : header;
}

/** Both eras' first exchange, whose answer carries the instructions. */
async function dayForGreeting(
  body: unknown,
  customerId: string | undefined,
  businessDayOf: FindBusinessDay,
): Promise<BusinessDay | undefined> {
  const isGreeting =
    isJSONRPCRequest(body) && (body.method === "initialize" || body.method === "server/discover");
  return isGreeting && customerId !== undefined ? businessDayOf(customerId) : undefined;
}

function sendExchange(reply: FastifyReply, outcome: JSONRPCMessage | Readable): FastifyReply {
  if (!(outcome instanceof Readable)) return reply.send(outcome);
  return reply
    .type("text/event-stream")
    .header("cache-control", "no-cache, no-transform")
    .header("x-accel-buffering", "no")
    .send(outcome);
}

/** What the SDK's transport must judge of clients of 2025-11-25 and before: notifications, wrong versions, no JSON-RPC. */
async function serveLegacy(
  server: ReturnType<McpServerFactory>,
  request: Request,
  parsedBody: unknown,
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true,
  });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody });
  } finally {
    await server.close();
  }
}

/** A client that names no `Accept` gets what it would have asked for: plain scripts don't send one. */
function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    const text = single(value);
    if (text !== undefined) headers.set(name, text);
  }
  if (acceptsJson(headers.get("accept") ?? "")) headers.set("accept", "application/json, text/event-stream");
  return new Request("http://localhost/mcp", { method: "POST", headers });
}

function takesEvents({ headers }: FastifyRequest): boolean {
  return headers.accept?.toLowerCase().includes("text/event-stream") ?? false;
}

/** RFC 9110, section 12.5.1. The protocol wants both types named; whoever takes JSON gets JSON. */
function acceptsJson(accept: string): boolean {
  const ranges = accept
    .toLowerCase()
    .split(",")
    .map((range) => range.trim());
  return ranges.some(
    (range) =>
      range === "" || /^(application\/json|application\/\*|\*\/\*)\s*(;(?!.*q=0(\.0*)?$)|$)/.test(range),
  );
}

async function sendWebResponse(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers) reply.header(name, value);
  const streamed = response.headers.get("content-type")?.startsWith("text/event-stream");
  return streamed ? reply.send(response) : reply.send(await response.text());
}

function answerUnreadable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const statusCode = error.statusCode ?? 500;
  if (statusCode >= 500) {
    request.log.error({ err: error }, "an MCP request failed");
    return reply.code(500).send(rpcError(-32_603, "Something went wrong on our side."));
  }
  const [code, message] = unreadable[statusCode] ?? [-32_600, "The request can't be understood."];
  return reply.code(statusCode).send(rpcError(code, message));
}

const unreadable: Readonly<Record<number, readonly [code: number, message: string]>> = {
  400: [-32_700, "The body isn't valid JSON."],
  413: [-32_600, "The body is too large."],
  415: [-32_600, "Send Content-Type: application/json."],
};

function rpcError(code: number, message: string, id: string | number | null = null) {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

function malformedParams({ method, id }: JSONRPCRequest) {
  return rpcError(-32_602, `The parameters aren't those of ${method}.`, id);
}

/** One that is a request is refused as such: a client waits for an answer under its id. */
function tooManyRequests(body: unknown) {
  return rpcError(-32_000, "Too many requests for this customer.", isJSONRPCRequest(body) ? body.id : null);
}

/**
 * A tool call that comes too often is answered as a tool answers: most hosts tell a model nothing of an
 * HTTP error, and some give the connection up.
 */
function isToolCall(body: unknown): boolean {
  return isJSONRPCRequest(body) && body.method === "tools/call";
}
