import { requestIdHeader, requestIdOf, type TrustedProxies } from "@cita/process";
import { serializerCompiler, validatorCompiler } from "@fastify/type-provider-zod";
import type { FastifyServerOptions } from "fastify";
import { answerClientError } from "./client-errors.ts";
import { answerUnroutable } from "./error-answers.ts";
import { RequestLog } from "./request-log.ts";

/** Requests of the services are small; a route that takes more says so. */
const maxBodyBytes = 64 * 1024;

/** A client that sends its request byte by byte holds a connection for no longer than this. */
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;
/** How often connections are looked at for that. */
const checkIntervalMs = 5_000;

/** A connection over which nothing moves for so long is closed: a client that doesn't read, a request that hangs. */
const silentTimeoutMs = 60_000;

/** Longer than the 60 seconds that proxies and load balancers keep theirs, so that they are the ones to close it. */
const keepAliveTimeoutMs = 72_000;

/**
 * Zod's compilers, given to an app at once: set later, they would come after those of JSON Schema were loaded, which
 * take 2 MiB.
 */
const zodCompilers = {
  compilersFactory: {
    buildValidator: () => validatorCompiler,
    buildSerializer: () => serializerCompiler,
  },
} as unknown as NonNullable<FastifyServerOptions["schemaController"]>;

/**
 * What every service gives Fastify: limits on size and time, request ids, which proxies are trusted, schemas in Zod, and
 * answers to what never becomes a request.
 */
export function serverOptions(trustProxy: TrustedProxies) {
  return {
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: silentTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: checkIntervalMs },
    return503OnClosing: true,
    // Chats and people append a slash: `/mcp/`, `/connect/…/`. Double slashes aren't merged: `//customers` would pass
    // a proxy that blocks `/customers`.
    routerOptions: { ignoreTrailingSlash: true },
    schemaController: zodCompilers,
    clientErrorHandler: answerClientError,
    frameworkErrors: answerUnroutable,
    trustProxy: typeof trustProxy === "object" ? [...trustProxy] : trustProxy,
    genReqId: ({ headers }: { headers: NodeJS.Dict<string | string[]> }) =>
      requestIdOf(headers[requestIdHeader]),
    logController: new RequestLog(),
  };
}
