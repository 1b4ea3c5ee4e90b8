import { errorBody } from "@cita/service";
import type { FastifyPluginAsync } from "fastify";

export type HealthOptions = {
  /** @throws when the service can't do its work. */
  checkReady: () => Promise<void>;
};

/** `/health`: the process answers. `/ready`: it can also do its work. */
export const healthRoutes: FastifyPluginAsync<HealthOptions> = async (app, { checkReady }) => {
  app.get("/health", { logLevel: "warn" }, () => ({ status: "ok" }));
  app.get("/ready", { logLevel: "warn" }, async (request, reply) => {
    try {
      await checkReady();
      return { status: "ready" };
    } catch (error) {
      request.log.error({ err: error }, "not ready");
      return reply
        .code(503)
        .send(errorBody({ statusCode: 503, code: "not_ready", message: "The database doesn't answer." }));
    }
  });
};
