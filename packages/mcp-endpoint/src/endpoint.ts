import type { Limiter } from "@cita/http";
import { classifyInboundRequest, isJSONRPCRequest } from "@modelcontextprotocol/server";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { createAdmission, refuseEncodedBodies, tooManyRequests } from "./admission.ts";
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
  /** Counts the requests of each customer. */
  limit: Limiter;
  /** Where this service is reached from outside. Its own pages may call it. */
  publicUrl: string;
};

/** `book` with all texts at their limits, each character written as two `\u` escapes, takes 29 kB. */
const maxBodyBytes = 32 * 1024;

export const mcpRoutes: FastifyPluginAsync<McpRoutesOptions> = async (app, options) => {
  const { createServer, authorize, limit, publicUrl, hasConflictingIds } = options;
  const reachingTools = new Set<unknown>(
    options.tools.filter((tool) => tool.reachesAttendees).map(({ name }) => name),
  );
  const modern = createModernAnswers(createServer, app.log);
  app.addHook("onClose", () => modern.close());
  app.setErrorHandler<FastifyError>((error, request, reply) => answerUnreadable(error, request, reply));

  app.decorateRequest("customerId", undefined);
  app.decorateRequest("audience", undefined);
  app.decorateRequest("waitSeconds", undefined);
  app.addHook("onRequest", createAdmission({ authorize, limit, publicUrl }));
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
