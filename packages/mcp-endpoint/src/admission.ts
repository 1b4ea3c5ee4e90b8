import type { AgentKeyAudience } from "@cita/calendar-api";
import { isLoopbackOrigin, type Limiter } from "@cita/http";
import { isJSONRPCRequest } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Authorizer, Refusal } from "./authorize.ts";
import { rpcError } from "./rpc-error.ts";

export type AdmissionDeps = {
  authorize: Authorizer;
  /** Counts the requests of each customer, and of each address what names none or isn't let in. */
  limit: Limiter;
  /** Where this service is reached from outside: its own pages may call it. */
  publicUrl: string;
};

declare module "fastify" {
  interface FastifyRequest {
    /** Whom a request to `/mcp` that was let in is for; undefined: it names none that could exist. */
    customerId?: string | undefined;
    /** Whom the holder of the key serves. */
    audience?: AgentKeyAudience | undefined;
    /** How long to wait, where too many requests to `/mcp` have come. */
    waitSeconds?: number | undefined;
  }
}

/**
 * Of a request beyond the limit a body is read only up to this size, which any usual tool call is below: parsing
 * more would be work done for whoever sends too much.
 */
const largestBodyBeyondLimit = 4 * 1024;

/**
 * An `onRequest` hook: who may call, and whether so often. It counts everything that comes, before anything of
 * it is read. What is let in beyond the limit carries `waitSeconds`, for the answer to say.
 */
export function createAdmission({ authorize, limit, publicUrl }: AdmissionDeps) {
  const ownOrigin = new URL(publicUrl).origin;

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { origin } = request.headers;
    const isForeign = origin !== undefined && origin !== ownOrigin && !isLoopbackOrigin(origin);
    const decision = isForeign ? foreignOrigin : await authorize(request);
    if (decision.statusCode === undefined) {
      request.customerId = decision.customerId;
      request.audience = decision.audience;
    }
    const waitSeconds = await limit.take(request);
    if (waitSeconds !== undefined) {
      request.isHeldBack = true;
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

/** One that is a request is refused as such: a client waits for an answer under its id. */
export function tooManyRequests(body: unknown) {
  return rpcError(-32_000, "Too many requests for this customer.", isJSONRPCRequest(body) ? body.id : null);
}

const foreignOrigin: Refusal = {
  statusCode: 403,
  headers: {},
  message: "A web page from elsewhere must not call this server.",
};

/** Known to be small: one that is sent in chunks says nothing of its length. */
function hasSmallBody({ headers }: FastifyRequest): boolean {
  const length = Number(headers["content-length"] ?? 0);
  return headers["transfer-encoding"] === undefined && length <= largestBodyBeyondLimit;
}
