import { errorBody } from "@cita/service";
import type { FastifyPluginAsync } from "fastify";

export type HealthOptions = {
  checkDatabase: () => Promise<void>;
  checkCalendarService: () => Promise<void>;
};

/** `/health`: the process answers. `/ready`: it can also do its work. */
export const healthRoutes: FastifyPluginAsync<HealthOptions> = async (app, options) => {
  app.get("/health", { logLevel: "warn", schema: { hide: true } }, () => ({ status: "ok" }));
  app.get("/ready", { logLevel: "warn", schema: { hide: true } }, async (request, reply) => {
    try {
      await options.checkDatabase();
      await options.checkCalendarService();
      return { status: "ready" };
    } catch (error) {
      request.log.error({ err: error }, "not ready");
      const message = "The database or the calendar service doesn't answer; the log says which.";
      return reply.code(503).send(errorBody({ statusCode: 503, code: "not_ready", message }));
    }
  });
};
