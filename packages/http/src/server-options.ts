import { requestIdHeader, type TrustedProxies, toRequestId } from "@cita/process";
import { serializerCompiler } from "@fastify/type-provider-zod";
import type { FastifyServerOptions } from "fastify";
import { answerClientError } from "./client-errors.ts";
import { answerUnroutable } from "./error-answers.ts";
import { RequestLog } from "./request-log.ts";
import { compileValidator } from "./validator.ts";

/** The default. Routes with larger bodies set their own limit. */
const maxBodyBytes = 64 * 1024;

/** How long a client may take to send its request. */
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;
/** How often Node checks both. */
const checkIntervalMs = 5_000;

/** A connection without any traffic is closed after this time: a client that doesn't read, or a request that hangs. */
const silentTimeoutMs = 60_000;

/** Longer than the 60 s of proxies and load balancers, so that they close idle connections first. */
const keepAliveTimeoutMs = 72_000;

/** Zod's compilers. Setting them later would first load Fastify's compilers of JSON Schema, which take 2 MiB. */
const zodCompilers = {
  compilersFactory: {
    buildValidator: () => compileValidator,
    buildSerializer: () => serializerCompiler,
  },
} as unknown as NonNullable<FastifyServerOptions["schemaController"]>;

/**
 * Every service's options for Fastify: limits on size and time, request ids, trusted proxies, zod schemas, and responses
 * to what isn't a valid request.
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
      toRequestId(headers[requestIdHeader]),
    logController: new RequestLog(),
  };
}
