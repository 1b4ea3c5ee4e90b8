import bearerAuth from "@fastify/bearer-auth";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { tooManyFailedKeys, unauthorized } from "./error-answers.ts";
import type { Limiter } from "./limiter.ts";

export type KeyGuardOptions = {
  key: string;
  /** Counts wrong keys. */
  failures: Limiter;
  /** Requests that need no key. */
  exempt?: (request: FastifyRequest) => boolean;
};

/**
 * Requires the key as `Authorization: Bearer`. Wrong keys are limited by address; the right key passes even then, since a
 * client behind the same address may have sent the wrong ones.
 */
export const keyGuard = fastifyPlugin<KeyGuardOptions>(
  async (app, { key, failures, exempt }) => {
    const isRight = await createKeyCheck(app, key);
    app.addHook("onRequest", async (request, reply) => {
      if (exempt?.(request) || (await isRight(request, reply))) return undefined;
      return refuseKey(failures, request, reply);
    });
  },
  { name: "key-guard" },
);

/** Whether a request has the key as `Authorization: Bearer`. The library compares it in constant time. */
export type KeyCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;

export async function createKeyCheck(app: FastifyInstance, key: string): Promise<KeyCheck> {
  // Refusals are logged by `RequestLog`.
  const options = { keys: new Set([key]), addHook: false, verifyErrorLogLevel: "trace" } as const;
  if (app.verifyBearerAuthFactory === undefined) await app.register(bearerAuth, options);
  const verify = app.verifyBearerAuthFactory?.(options);
  if (verify === undefined) throw new TypeError("The plugin that compares keys isn't there.");
  return (request, reply) =>
    new Promise((resolve) => {
      const { statusCode } = reply;
      verify(request, reply, (error) => {
        // The library sets 401, but there may be other ways to be known.
        reply.code(statusCode);
        resolve(error === undefined);
      });
    });
}

/** Answers a request without the right key, and counts it. */
export async function refuseKey(
  failures: Limiter,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const waitSeconds = await failures.take(request);
  if (waitSeconds !== undefined)
    return reply.code(429).header("retry-after", waitSeconds).send(tooManyFailedKeys);
  return reply.code(401).header("www-authenticate", "Bearer").send(unauthorized);
}
