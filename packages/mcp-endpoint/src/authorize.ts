import type { AgentKeyAudience } from "@cita/calendar-api";
import { cameThroughProxy, createLogSampler, isLoopbackHostHeader, type Limiter } from "@cita/http";
import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import { namesAttendee } from "./attendee-headers.ts";
import type { BearerVerifier } from "./bearer-verifier.ts";
import { customerOf } from "./customer-header.ts";

/** Decides who may call `/mcp`, and for which customer. */
export type Authorizer = (request: FastifyRequest) => Promise<Permission | Refusal>;

export type Permission = {
  readonly statusCode?: undefined;
  /** Undefined: the request names none that could exist. */
  readonly customerId: string | undefined;
  readonly audience: AgentKeyAudience;
};

/** An answer by HTTP's own means: no tool is run. */
export type Refusal = {
  readonly statusCode: 401 | 403 | 429;
  readonly headers: Readonly<Record<string, string>>;
  readonly message: string;
};

export type AuthorizerDeps = {
  verifyBearer: BearerVerifier;
  /** Whether `X-Customer-Id` alone is trusted, of requests that carry no credentials. */
  headerOnly: boolean;
  /** Counts the wrong keys of each address. */
  failures: Limiter;
  logger: FastifyBaseLogger;
};

/** Credentials that are sent always count, also where none are needed. */
export function createAuthorizer(deps: AuthorizerDeps): Authorizer {
  const { verifyBearer, headerOnly, failures } = deps;
  const warnOfTunnel = createTunnelWarning(deps.logger);
  return async (request) => {
    const { authorization } = request.headers;
    if (authorization === undefined && headerOnly) {
      if (!isLoopbackHostHeader(request.headers.host)) return foreignHost;
      if (!cameThroughProxy(request)) return { customerId: customerOf(request), audience: "business" };
      warnOfTunnel();
      return throughTunnel;
    }
    const token = bearerTokenOf(authorization);
    if (token === undefined) return keyNeeded;
    const credential = await verifyBearer(token, { namesAttendee: namesAttendee(request) });
    if (credential === undefined) return refuseWrongKey(request, failures);
    const { customerId } = credential;
    if (customerId === undefined) return { ...credential, customerId: customerOf(request) };
    return namesAnother(request, customerId) ? anotherCustomer : { ...credential, customerId };
  };
}

const warningEveryMs = 60_000;

/** Once a minute at most: whoever has found the tunnel may come thousands of times. */
function createTunnelWarning(logger: FastifyBaseLogger): () => void {
  const sample = createLogSampler({
    maxLines: 1,
    windowMs: warningEveryMs,
    summarise: (_kind, leftOut) => logger.warn({ left_out: leftOut }, "more requests came through a proxy"),
  });
  return () => {
    if (sample.take("tunnel"))
      logger.warn(
        "A request to /mcp without a key came through a proxy or a tunnel and was refused: here X-Customer-Id alone is trusted only of programs on this machine. Give its agent a key (docs/operations.md, Agent keys).",
      );
  };
}

/** RFC 6750, section 2.1. A key in a query or a body isn't looked for. @returns "" where none follows. */
function bearerTokenOf(authorization: string | undefined): string | undefined {
  return /^Bearer(?: +|$)(?<token>.*)$/i.exec(authorization ?? "")?.groups?.token;
}

/** Left out, the key says it; a header that is sent has to say exactly the same. */
function namesAnother({ headers }: FastifyRequest, customerId: string): boolean {
  return headers["x-customer-id"] !== undefined && headers["x-customer-id"] !== customerId;
}

/**
 * Right keys aren't held back, however many wrong ones came from their address: nobody guesses 256 random
 * bits, and agents of many customers may share one.
 */
async function refuseWrongKey(request: FastifyRequest, failures: Limiter): Promise<Refusal> {
  const waitSeconds = await failures.take(request);
  if (waitSeconds === undefined) return wrongKey;
  return { statusCode: 429, headers: { "retry-after": String(waitSeconds) }, message: tooManyWrongKeys };
}

/**
 * RFC 6750, section 3: of a request without credentials no error is said. The metadata of a protected
 * resource (RFC 9728, `resource_metadata`) will be said here too, once there is an authorization server.
 */
function challenge(error?: "invalid_token" | "insufficient_scope", description?: string) {
  const parameters = { realm: "cita", error, error_description: description };
  const said = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return { "www-authenticate": `Bearer ${said.map(([name, value]) => `${name}="${value}"`).join(", ")}` };
}

const keyNeeded: Refusal = {
  statusCode: 401,
  headers: challenge(),
  message: "Send an agent key as Authorization: Bearer <key>. Whoever runs this server makes them.",
};

const wrongKey: Refusal = {
  statusCode: 401,
  headers: challenge("invalid_token", "The agent key is unknown, revoked or expired."),
  message: "The agent key is unknown, revoked or expired. Whoever runs this server makes new ones.",
};

/** RFC 6750, section 3.1: the request asks for more than the token allows. */
const anotherCustomer: Refusal = {
  statusCode: 403,
  headers: challenge(
    "insufficient_scope",
    "The agent key belongs to another customer than X-Customer-Id names.",
  ),
  message:
    "The agent key belongs to another customer than X-Customer-Id names. Leave the header out, or send that customer's key.",
};

const foreignHost: Refusal = {
  statusCode: 403,
  headers: {},
  message: "This server answers only to its local name: a web page must not reach it under another.",
};

/** A tunnel's end is on this machine, and with it everybody in the world would be. */
const throughTunnel: Refusal = {
  statusCode: 403,
  headers: {},
  message:
    "This request came through a proxy or a tunnel, where X-Customer-Id alone isn't trusted. Send an agent key as Authorization: Bearer <key>. Whoever runs this server makes them.",
};

const tooManyWrongKeys = "Too many wrong keys came from this address. Wait as long as Retry-After says.";
