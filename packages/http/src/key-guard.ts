import bearerAuth from "@fastify/bearer-auth";
import type { FastifyReply, FastifyRequest } from "fastify";
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
 * Requires the key as `Authorization: Bearer`. The library compares it in constant time. Wrong keys are limited by
 * address; the right key passes even then, since a client behind the same address may have sent the wrong ones.
 */
export const keyGuard = fastifyPlugin<KeyGuardOptions>(
  async (app, { key, failures, exempt }) => {
    await app.register(bearerAuth, {
      keys: new Set([key]),
      addHook: false,
      // Refusals are logged by `RequestLog`.
      verifyErrorLogLevel: "trace",
    });
    const { verifyBearerAuth } = app;
    if (verifyBearerAuth === undefined) throw new TypeError("The plugin that compares keys isn't there.");

    const isKeyRight = (request: FastifyRequest, reply: FastifyReply) =>
      new Promise<boolean>((resolve) => {
        verifyBearerAuth(request, reply, (error) => resolve(error === undefined));
      });

    app.addHook("onRequest", async (request, reply) => {
      if (exempt?.(request) || (await isKeyRight(request, reply))) return undefined;
      const waitSeconds = await failures.take(request);
      if (waitSeconds !== undefined)
        return reply.code(429).header("retry-after", waitSeconds).send(tooManyFailedKeys);
      return reply.code(401).header("www-authenticate", "Bearer").send(unauthorized);
    });
  },
  { name: "key-guard" },
);
