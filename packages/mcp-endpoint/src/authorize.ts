import { type AgentKeyAudience, customerId as customerIdSchema } from "@cita/calendar-api";
import {
  cameThroughProxy,
  createLogSampler,
  isLoopbackHostHeader,
  isLoopbackOrigin,
  type Limiter,
} from "@cita/http";
import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import { namesAttendee } from "./attendee-headers.ts";

/**
 * Resolves a bearer token (RFC 6750) to what its holder may do; undefined for any invalid token. Agent keys are one kind
 * of token; the access tokens of an authorization server will be another.
 */
export type BearerVerifier = (token: string, use: BearerUse) => Promise<AgentCredential | undefined>;

/** Whom a bearer token lets its holder act for. */
export type AgentCredential = {
  /** The one customer it is for; undefined: whichever customer the request names. */
  readonly customerId: string | undefined;
  readonly audience: AgentKeyAudience;
};

/** How a token is used in a request, for the record of its last use. */
export type BearerUse = {
  /** Whether the request names the attendee it is for. */
  readonly namesAttendee: boolean;
};

/** Decides who may call `/mcp`, and for which customer. */
export type Authorizer = (request: FastifyRequest) => Promise<Authorized | Denied>;

export type Authorized = {
  readonly statusCode?: undefined;
  /** Undefined: the request names none that could exist. */
  readonly customerId: string | undefined;
  readonly audience: AgentKeyAudience;
};

/** A refusal by HTTP status. No tool is called. */
export type Denied = {
  readonly statusCode: 401 | 403 | 429;
  readonly headers: Readonly<Record<string, string>>;
  readonly message: string;
};

export type AuthorizerDeps = {
  verifyBearer: BearerVerifier;
  /** Whether `X-Customer-Id` alone is trusted of requests without credentials. */
  headerOnly: boolean;
  /** Counts the invalid tokens of each address. */
  failures: Limiter;
  /** Where this service is reached from outside. Its own pages may call it. */
  publicUrl: string;
  logger: FastifyBaseLogger;
};

/** Credentials that are sent are always checked, even where none are needed. */
export function createAuthorizer(deps: AuthorizerDeps): Authorizer {
  const { verifyBearer, headerOnly, failures } = deps;
  const ownOrigin = new URL(deps.publicUrl).origin;
  const warnOfProxy = createProxyWarning(deps.logger);
  return async (request) => {
    const { authorization, origin } = request.headers;
    // Browsers send `Origin`.
    if (origin !== undefined && origin !== ownOrigin && !isLoopbackOrigin(origin)) return foreignOrigin;
    if (authorization === undefined && headerOnly) {
      if (!isLoopbackHostHeader(request.headers.host)) return foreignHost;
      if (!cameThroughProxy(request)) return { customerId: customerOf(request), audience: "business" };
      warnOfProxy();
      return throughProxy;
    }
    const token = bearerTokenOf(authorization);
    if (token === undefined) return missingToken;
    const credential = await verifyBearer(token, { namesAttendee: namesAttendee(request) });
    if (credential === undefined) return denyInvalidToken(request, failures);
    const { customerId } = credential;
    if (customerId === undefined) return { ...credential, customerId: customerOf(request) };
    return namesAnother(request, customerId) ? anotherCustomer : { ...credential, customerId };
  };
}

/** The customer a request names in `X-Customer-Id`; undefined when it is missing, repeated or malformed. */
function customerOf({ headers }: FastifyRequest): string | undefined {
  return customerIdSchema.safeParse(headers["x-customer-id"]).data;
}

/** Whether `X-Customer-Id` is sent and differs from the key's customer. */
function namesAnother({ headers }: FastifyRequest, customerId: string): boolean {
  return headers["x-customer-id"] !== undefined && headers["x-customer-id"] !== customerId;
}

/** RFC 6750, section 2.1. Tokens in a query or body don't count. @returns "" where the scheme has no token. */
function bearerTokenOf(authorization: string | undefined): string | undefined {
  return /^Bearer(?: +|$)(?<token>.*)$/i.exec(authorization ?? "")?.groups?.token;
}

/**
 * Limits only invalid tokens. A valid token passes even if many invalid ones came from its address: nobody guesses 256
 * random bits, and agents of many customers may share an address.
 */
async function denyInvalidToken(request: FastifyRequest, failures: Limiter): Promise<Denied> {
  const waitSeconds = await failures.take(request);
  if (waitSeconds === undefined) return invalidToken;
  return { statusCode: 429, headers: { "retry-after": String(waitSeconds) }, message: tooManyInvalidTokens };
}

const proxyWarningEveryMs = 60_000;

/** Warns once a minute at most, since whoever has found a tunnel may send thousands of requests. */
function createProxyWarning(logger: FastifyBaseLogger): () => void {
  const sample = createLogSampler({
    maxLines: 1,
    windowMs: proxyWarningEveryMs,
    summarise: (_kind, leftOut) => logger.warn({ left_out: leftOut }, "more requests came through a proxy"),
  });
  return () => {
    if (sample.take("tunnel"))
      logger.warn(
        "A request to /mcp without a key came through a proxy or a tunnel and was refused: here X-Customer-Id alone is trusted only of programs on this machine. Give its agent a key (docs/operations.md, Agent keys).",
      );
  };
}

/**
 * The `WWW-Authenticate` header. A request without credentials gets no error code (RFC 6750, section 3). An authorization
 * server would add `resource_metadata` (RFC 9728).
 */
function challenge(error?: "invalid_token" | "insufficient_scope", description?: string) {
  const parameters = { realm: "cita", error, error_description: description };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return { "www-authenticate": `Bearer ${given.map(([name, value]) => `${name}="${value}"`).join(", ")}` };
}

const missingToken: Denied = {
  statusCode: 401,
  headers: challenge(),
  message: "Send an agent key as Authorization: Bearer <key>. Whoever runs this server makes them.",
};

const invalidToken: Denied = {
  statusCode: 401,
  headers: challenge("invalid_token", "The agent key is unknown, revoked or expired."),
  message: "The agent key is unknown, revoked or expired. Whoever runs this server makes new ones.",
};

/** RFC 6750, section 3.1: the request asks for more than the token allows. */
const anotherCustomer: Denied = {
  statusCode: 403,
  headers: challenge(
    "insufficient_scope",
    "The agent key belongs to another customer than X-Customer-Id names.",
  ),
  message:
    "The agent key belongs to another customer than X-Customer-Id names. Leave the header out, or send that customer's key.",
};

const foreignOrigin: Denied = {
  statusCode: 403,
  headers: {},
  message: "A web page from elsewhere must not call this server.",
};

const foreignHost: Denied = {
  statusCode: 403,
  headers: {},
  message: "This server answers only to its local name: a web page must not reach it under another.",
};

/** A tunnel ends on this machine, so all of its clients look local. */
const throughProxy: Denied = {
  statusCode: 403,
  headers: {},
  message:
    "This request came through a proxy or a tunnel, where X-Customer-Id alone isn't trusted. Send an agent key as Authorization: Bearer <key>. Whoever runs this server makes them.",
};

const tooManyInvalidTokens = "Too many wrong keys came from this address. Wait as long as Retry-After says.";
