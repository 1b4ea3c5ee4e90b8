import type { AgentKeyAudience } from "@cita/calendar-api";
import type { Limiter } from "@cita/http";
import { classifyInboundRequest, isJSONRPCRequest } from "@modelcontextprotocol/server";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import {
  type AttendeeProblem,
  findAttendeeProblem,
  type HasConflictingIds,
  readAttendee,
} from "./attendee-headers.ts";
import type { Authorizer } from "./authorize.ts";
import { headerOf } from "./headers.ts";
import { answerLegacy } from "./legacy.ts";
import type { McpServerFactory } from "./mcp-server.ts";
import {
  explainMalformed,
  idOf,
  needsInstructions,
  rpcError,
  toolNameOf,
  toReadableMessage,
} from "./message.ts";
import { createModernAnswers } from "./modern.ts";
import type { Tool } from "./tool.ts";

export type McpRoutesOptions = {
  createServer: McpServerFactory;
  /** The tools that the server offers. */
  tools: readonly Pick<Tool, "name" | "reachesAttendees">[];
  authorize: Authorizer;
  /** Writes a customer's `instructions`. It never rejects. */
  writeInstructions(customerId: string): Promise<string>;
  hasConflictingIds: HasConflictingIds;
  /** Counts requests by customer, and by address those that name no customer or are denied. */
  limit: Limiter;
};

declare module "fastify" {
  interface FastifyRequest {
    /** The customer of an admitted request to `/mcp`; undefined: it names none, or none that could exist. */
    customerId?: string | undefined;
    /** Whom the holder of the key serves. */
    audience?: AgentKeyAudience | undefined;
    /** How long the caller has to wait; undefined: the request is within the limit. */
    waitSeconds?: number | undefined;
  }
}

/** `book` with all texts at their limits, each character written as two `\u` escapes, takes 29 kB. */
const maxBodyBytes = 32 * 1024;

export const mcpRoutes: FastifyPluginAsync<McpRoutesOptions> = async (app, options) => {
  const { createServer, authorize, limit, hasConflictingIds } = options;
  const reachingTools = new Set<unknown>(
    options.tools.filter((tool) => tool.reachesAttendees).map(({ name }) => name),
  );
  const modern = createModernAnswers(createServer, app.log);
  app.addHook("onClose", () => modern.close());
  app.setErrorHandler<FastifyError>((error, request, reply) => answerUnreadable(error, request, reply));

  app.decorateRequest("customerId", undefined);
  app.decorateRequest("audience", undefined);
  app.decorateRequest("waitSeconds", undefined);
  app.addHook("onRequest", createAdmission({ authorize, limit }));
  app.addHook("onRequest", refuseEncodedBodies);

  app.post("/mcp", { bodyLimit: maxBodyBytes }, async (request, reply) => {
    const { customerId, audience = "attendee", waitSeconds, body } = request;
    if (waitSeconds !== undefined && !isToolCall(body)) return reply.code(429).send(tooManyRequests(body));
    const malformed = explainMalformed(body);
    if (malformed !== undefined) return reply.code(400).send(rpcError(-32_600, malformed, idOf(body)));
    const message = toReadableMessage(body);
    const named = readAttendee(request);
    const check = { customerId, audience, named, reachesAttendees: reachingTools.has(toolNameOf(message)) };
    // Beyond the limit no tool is called, so the attendee doesn't matter.
    const problem = waitSeconds === undefined && (await findAttendeeProblem(hasConflictingIds, check));
    if (problem) return reply.code(400).send(attendeeError(problem, message));
    const attendee = named.kind === "attendee" ? named.attendee : undefined;
    const caller = { customerId, audience, attendee, waitSeconds, log: request.log };
    const instructions =
      customerId !== undefined && needsInstructions(message)
        ? await options.writeInstructions(customerId)
        : undefined;
    return isLegacy(request, message)
      ? answerLegacy(request, reply, message, () => createServer(caller, instructions))
      : modern.answer(request, reply, message, { caller, instructions });
  });

  app.route({
    method: ["GET", "HEAD", "DELETE", "PUT", "PATCH", "OPTIONS"],
    url: "/mcp",
    handler: ({ waitSeconds }, reply) =>
      waitSeconds !== undefined
        ? reply.code(429).send(tooManyRequests(undefined))
        : reply
            .code(405)
            .header("allow", "POST")
            .send(rpcError(-32_000, "Send a JSON-RPC request with POST.")),
  });
};

/**
 * An `onRequest` hook: authorizes the request (`authorize.ts`), and counts it before its body is read. A small request that
 * is authorized and beyond the limit goes on with `waitSeconds`, so that a tool call is answered as one.
 */
function createAdmission({ authorize, limit }: Pick<McpRoutesOptions, "authorize" | "limit">) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const decision = await authorize(request);
    if (decision.statusCode === undefined) {
      request.customerId = decision.customerId;
      request.audience = decision.audience;
    }
    const waitSeconds = await limit.take(request);
    if (waitSeconds !== undefined) {
      request.isRateLimited = true;
      request.waitSeconds = waitSeconds;
      reply.header("retry-after", waitSeconds);
      if (decision.statusCode !== undefined || !hasSmallBody(request))
        return reply.code(429).send(tooManyRequests(undefined));
    }
    if (decision.statusCode === undefined) return undefined;
    return reply
      .code(decision.statusCode)
      .headers(decision.headers)
      .send(rpcError(-32_001, decision.message));
  };
}

/** The largest body that is read of a request beyond the limit. Usual tool calls are smaller. */
const maxBodyBytesBeyondLimit = 4 * 1024;

/** Whether a body is known to be small. A chunked body has no known length. */
function hasSmallBody({ headers }: FastifyRequest): boolean {
  const length = Number(headers["content-length"] ?? 0);
  return headers["transfer-encoding"] === undefined && length <= maxBodyBytesBeyondLimit;
}

/** The error response to a request beyond the limit, with the request's id if it has one. */
function tooManyRequests(body: unknown) {
  return rpcError(-32_000, "Too many requests for this customer.", isJSONRPCRequest(body) ? body.id : null);
}

/**
 * An `onRequest` hook that refuses compressed bodies. They aren't decompressed, because a kilobyte may unpack to megabytes
 * and requests are small anyway (RFC 9110, section 15.5.16).
 */
async function refuseEncodedBodies(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const encoding = request.headers["content-encoding"]?.trim() ?? "";
  if (encoding === "" || encoding.toLowerCase() === "identity") return undefined;
  return reply.code(415).header("accept-encoding", "identity").send(rpcError(-32_600, compressed));
}

const compressed = "The body is compressed: send it as it is, without Content-Encoding.";

/**
 * Whether a body is a tool call. Beyond the limit a tool call gets a tool result: most hosts don't show an HTTP error to
 * their model, and some disconnect.
 */
function isToolCall(body: unknown): boolean {
  return isJSONRPCRequest(body) && body.method === "tools/call" && typeof body.params?.name === "string";
}

function attendeeError(problem: AttendeeProblem, message: unknown) {
  return rpcError(-32_602, problem.message, isJSONRPCRequest(message) ? message.id : null, problem);
}

/** Whether a message belongs to protocol version 2025-11-25 or an earlier one, by the SDK's own rules. */
function isLegacy(request: FastifyRequest, message: unknown): boolean {
  const version = headerOf(request, "mcp-protocol-version");
  const method = headerOf(request, "mcp-method");
  const name = headerOf(request, "mcp-name");
  const { kind } = classifyInboundRequest({
    httpMethod: "POST",
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(method !== undefined && { mcpMethodHeader: method }),
    ...(name !== undefined && { mcpNameHeader: name }),
    body: message,
  });
  return kind === "legacy";
}

function answerUnreadable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const statusCode = error.statusCode ?? 500;
  if (statusCode >= 500) {
    request.log.error({ err: error }, "an MCP request failed");
    return reply.code(500).send(rpcError(-32_603, "Something went wrong on our side."));
  }
  if (request.waitSeconds !== undefined) return reply.code(429).send(tooManyRequests(undefined));
  const [code, message] = unreadable[statusCode] ?? [-32_600, "The request can't be understood."];
  return reply.code(statusCode).send(rpcError(code, message));
}

const unreadable: Readonly<Record<number, readonly [code: number, message: string]>> = {
  400: [-32_700, "The body isn't valid JSON."],
  413: [-32_600, "The body is too large."],
  415: [-32_600, "Send Content-Type: application/json."],
};
