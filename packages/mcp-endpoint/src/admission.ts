import type { AgentKeyAudience } from "@cita/calendar-api";
import { isLoopbackOrigin, type Limiter } from "@cita/http";
import { isJSONRPCRequest } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Authorizer, Denied } from "./authorize.ts";
import { rpcError } from "./rpc-error.ts";

export type AdmissionDeps = {
  authorize: Authorizer;
  /** Counts the requests of each customer, and of each address those that name none or are denied. */
  limit: Limiter;
  /** Where this service is reached from outside: its own pages may call it. */
  publicUrl: string;
};

declare module "fastify" {
  interface FastifyRequest {
    /** Whom a request to `/mcp` that was admitted is for; undefined: it names none that could exist. */
    customerId?: string | undefined;
    /** Whom the holder of the key serves. */
    audience?: AgentKeyAudience | undefined;
    /** How long to wait, where too many requests to `/mcp` have come. */
    waitSeconds?: number | undefined;
  }
}

/**
 * The largest body that is read of a request beyond the limit. Any usual tool call is smaller; parsing more would be
 * work for whoever sends too much.
 */
const maxBodyBytesBeyondLimit = 4 * 1024;

/**
 * An `onRequest` hook: asks `authorize.ts` who may call, checks the `Origin` that browsers send, and counts every
 * request before anything of it is read. A request that is admitted beyond the limit carries `waitSeconds`, for the answer to say.
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

const foreignOrigin: Denied = {
  statusCode: 403,
  headers: {},
  message: "A web page from elsewhere must not call this server.",
};

/** Whether a body is known to be small: one that is sent in chunks doesn't tell its length. */
function hasSmallBody({ headers }: FastifyRequest): boolean {
  const length = Number(headers["content-length"] ?? 0);
  return headers["transfer-encoding"] === undefined && length <= maxBodyBytesBeyondLimit;
}

/** The refusal of a request under its own id, where it has one: a client waits for an answer to that. */
export function tooManyRequests(body: unknown) {
  return rpcError(-32_000, "Too many requests for this customer.", isJSONRPCRequest(body) ? body.id : null);
}

/**
 * An `onRequest` hook that refuses compressed bodies, which would be read as broken JSON. They aren't decompressed,
 * because a kilobyte may unpack to megabytes and requests are small anyway (RFC 9110, section 15.5.16).
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
