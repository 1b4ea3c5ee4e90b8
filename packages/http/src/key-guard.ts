import { tooManyFailedKeys, unauthorized } from "@cita/service";
import bearerAuth from "@fastify/bearer-auth";
import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { Limiter } from "./limiter.ts";

export type KeyGuardOptions = {
  key: string;
  /** Counts wrong keys. */
  failures: Limiter;
  /** Who needs no key. */
  exempt?: (request: FastifyRequest) => boolean;
};

/**
 * Lets a request pass that carries the key as `Authorization: Bearer`; a key anywhere else counts for
 * nothing. The library compares it in constant time. An address that has sent too many wrong ones isn't
 * compared any more, not even with the right one: otherwise guessing could simply go on.
 */
export const keyGuard = fastifyPlugin<KeyGuardOptions>(
  async (app, { key, failures, exempt }) => {
    await app.register(bearerAuth, {
      keys: new Set([key]),
      addHook: false,
      verifyErrorLogLevel: "info",
    });
    const { verifyBearerAuth } = app;
    if (verifyBearerAuth === undefined) throw new TypeError("The plugin that compares keys isn't there.");

    const isKeyRight = (request: FastifyRequest, reply: FastifyReply) =>
      new Promise<boolean>((resolve) => {
        verifyBearerAuth(request, reply, (error) => resolve(error === undefined));
      });

    app.addHook("onRequest", async (request, reply) => {
      if (exempt?.(request)) return undefined;
      const waitSeconds = await failures.peek(request);
      if (waitSeconds !== undefined) {
        return reply.code(429).header("retry-after", waitSeconds).send(tooManyFailedKeys);
      }
      if (await isKeyRight(request, reply)) return undefined;
      await failures.take(request);
      return reply.code(401).header("www-authenticate", "Bearer").send(unauthorized);
    });
  },
  { name: "key-guard" },
);
