import { errorBody } from "@cita/service";
import type { FastifyPluginAsync } from "fastify";

/** Something the service needs for its work. */
export type ReadyCheck = {
  /** @throws when it isn't there. */
  check: () => Promise<void>;
  /** What is said then; the log says more. */
  failure: string;
};

export type HealthOptions = { checks: readonly ReadyCheck[] };

/** `/health`: the process answers. `/ready`: it can also do its work. */
export const healthRoutes: FastifyPluginAsync<HealthOptions> = async (app, { checks }) => {
  app.get("/health", { logLevel: "warn" }, () => ({ status: "ok" }));
  app.get("/ready", { logLevel: "warn" }, async (request, reply) => {
    for (const { check, failure } of checks) {
      try {
        await check();
      } catch (error) {
        request.log.error({ err: error }, "not ready");
        return reply.code(503).send(errorBody({ statusCode: 503, code: "not_ready", message: failure }));
      }
    }
    return { status: "ready" };
  });
};
