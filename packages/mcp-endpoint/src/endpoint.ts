import type { Limiter } from "@cita/http";
import { createMcpHandler, isJSONRPCRequest } from "@modelcontextprotocol/server";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { createAdmission, tooManyRequests } from "./admission.ts";
import { findAttendeeProblem, type HasConflictingIds } from "./attendee-check.ts";
import { type AttendeeProblem, readAttendee } from "./attendee-headers.ts";
import type { Authorizer } from "./authorize.ts";
import { refuseEncodedBodies } from "./encoded-bodies.ts";
import { headerOf } from "./headers.ts";
import type { McpCaller } from "./mcp-caller.ts";
import { createOlderClientAnswers } from "./older-clients.ts";
import { type EraClues, eraOf } from "./protocol-era.ts";
import type { McpServerFactory } from "./protocol-server.ts";
import { explainMalformed, idOf, toReadableMessage } from "./readable-message.ts";
import { rpcError } from "./rpc-error.ts";
import { createServerPool } from "./server-pool.ts";
import { createTurnEnd } from "./turn-end.ts";
import { sendWebResponse, toWebRequest } from "./web-exchange.ts";

export type McpRoutesOptions = {
  createServer: McpServerFactory;
  authorize: Authorizer;
  /** What a host tells its model of a customer before anything is called. It never rejects. */
  writeInstructions(customerId: string): Promise<string>;
  hasConflictingIds: HasConflictingIds;
  /** Counts the requests of each customer. */
  limit: Limiter;
  /** Where this service is reached from outside: its own pages may call it. */
  publicUrl: string;
};

/**
 * `book` with every text as long as it may be, each character a surrogate pair of two escapes (12 bytes), takes
 * 29 kB.
 */
const largestBody = 32 * 1024;

/** `POST /mcp`: stateless, one request of one client at a time to a protocol server, clients of both protocol eras. */
export const mcpRoutes: FastifyPluginAsync<McpRoutesOptions> = async (app, options) => {
  const { createServer, writeInstructions, authorize, limit, hasConflictingIds } = options;
  /** Which request of ours a web request stands for: the SDK hands nothing else on. */
  const senders = new WeakMap<Request, { caller: McpCaller; instructions: string | undefined }>();
  const turnEnd = createTurnEnd();
  const answerOlderClient = createOlderClientAnswers({
    answerRequest: createServerPool(createServer),
    turnEnd,
  });
  const modern = createMcpHandler(
    ({ requestInfo }) => {
      const sender = requestInfo && senders.get(requestInfo);
      if (sender === undefined) throw new TypeError("The request isn't one of those that were passed on.");
      return createServer(() => sender.caller, sender.instructions);
    },
    {
      legacy: "reject",
      onerror: (error) => app.log.debug({ err: error }, "a protocol request was refused"),
    },
  );
  app.addHook("onClose", () => modern.close());
  app.setErrorHandler<FastifyError>((error, request, reply) => answerUnreadable(error, request, reply));

  app.decorateRequest("customerId", undefined);
  app.decorateRequest("audience", undefined);
  app.decorateRequest("waitSeconds", undefined);
  app.addHook("onRequest", createAdmission({ authorize, limit, publicUrl: options.publicUrl }));
  app.addHook("onRequest", refuseEncodedBodies);

  app.post("/mcp", { bodyLimit: largestBody }, async (request, reply) => {
    const { customerId, audience = "attendee", waitSeconds } = request;
    if (waitSeconds !== undefined && !isToolCall(request.body))
      return reply.code(429).send(tooManyRequests(request.body));
    const malformed = explainMalformed(request.body);
    if (malformed !== undefined)
      return reply.code(400).send(rpcError(-32_600, malformed, idOf(request.body)));
    const body = toReadableMessage(request.body);
    const named = readAttendee(request);
    const question = { customerId, audience, named, body };
    // Beyond the limit no tool is run, so it doesn't matter whom the call is for.
    const problem =
      waitSeconds === undefined ? await findAttendeeProblem(hasConflictingIds, question) : undefined;
    if (problem !== undefined) return reply.code(400).send(attendeeRefusal(problem, body));
    const attendee = named.kind === "person" ? named.person : undefined;
    const instructions =
      customerId !== undefined && carriesInstructions(request.body)
        ? await writeInstructions(customerId)
        : undefined;
    const caller = { customerId, audience, attendee, waitSeconds, log: request.log };
    const sender = { caller, instructions };
    const era = eraOf(cluesOf(request, body));
    if (era.kind === "legacy") return answerOlderClient(era.message, sender, request, reply);
    const webRequest = toWebRequest(request);
    senders.set(webRequest, sender);
    const response = await modern.fetch(webRequest, { parsedBody: body });
    await turnEnd();
    return sendWebResponse(request, reply, response);
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

function attendeeRefusal(problem: AttendeeProblem, body: unknown) {
  return rpcError(-32_602, problem.message, isJSONRPCRequest(body) ? body.id : null, problem);
}

function cluesOf(request: FastifyRequest, body: unknown): EraClues {
  return {
    body,
    version: headerOf(request, "mcp-protocol-version"),
    method: headerOf(request, "mcp-method"),
    name: headerOf(request, "mcp-name"),
  };
}

/** Whether it is the first request of either protocol era, which is answered with the instructions. */
function carriesInstructions(body: unknown): boolean {
  const { method } = (body ?? {}) as { method?: unknown };
  return method === "initialize" || method === "server/discover";
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

/**
 * A tool call that comes too often is answered as a tool answers: most hosts tell a model nothing of an
 * HTTP error, and some give the connection up.
 */
function isToolCall(body: unknown): boolean {
  return isJSONRPCRequest(body) && body.method === "tools/call" && typeof body.params?.name === "string";
}
