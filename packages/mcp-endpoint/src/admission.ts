import type { AgentKeyAudience } from "@cita/calendar-api";
import { isLoopbackOrigin, type Limiter } from "@cita/http";
import { isJSONRPCRequest } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Authorizer, Denied } from "./authorize.ts";
import { rpcError } from "./message.ts";

export type AdmissionDeps = {
  authorize: Authorizer;
  /** Counts requests by customer, and by address those that name no customer or are denied. */
  limit: Limiter;
  /** Where this service is reached from outside. Its own pages may call it. */
  publicUrl: string;
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

/** The largest body that is read of a request beyond the limit. Usual tool calls are smaller. */
const maxBodyBytesBeyondLimit = 4 * 1024;

/**
 * An `onRequest` hook: checks the `Origin` of browsers, authorizes the request (`authorize.ts`), and counts it before its
 * body is read. A small request that is authorized and beyond the limit goes on with `waitSeconds`, so that a tool call
 * is answered as one.
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

const foreignOrigin: Denied = {
  statusCode: 403,
  headers: {},
  message: "A web page from elsewhere must not call this server.",
};

/** Whether a body is known to be small. A chunked body has no known length. */
function hasSmallBody({ headers }: FastifyRequest): boolean {
  const length = Number(headers["content-length"] ?? 0);
  return headers["transfer-encoding"] === undefined && length <= maxBodyBytesBeyondLimit;
}

/** The error response to a request beyond the limit, with the request's id if it has one. */
export function tooManyRequests(body: unknown) {
  return rpcError(-32_000, "Too many requests for this customer.", isJSONRPCRequest(body) ? body.id : null);
}

/**
 * An `onRequest` hook that refuses compressed bodies. They aren't decompressed, because a kilobyte may unpack to megabytes
 * and requests are small anyway (RFC 9110, section 15.5.16).
 */
export async function refuseEncodedBodies(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const encoding = request.headers["content-encoding"]?.trim() ?? "";
  if (encoding === "" || encoding.toLowerCase() === "identity") return undefined;
  return reply.code(415).header("accept-encoding", "identity").send(rpcError(-32_600, compressed));
}

const compressed = "The body is compressed: send it as it is, without Content-Encoding.";
