import fastifyPlugin from "fastify-plugin";
import type { ServiceMetrics } from "./service-metrics.ts";

/** Counts what is answered, by the pattern of the route: a URL may carry a link token. */
export const countRequests = fastifyPlugin<{ metrics: Pick<ServiceMetrics, "countRequest"> }>(
  async (app, { metrics }) => {
    app.addHook("onResponse", (request, reply, done) => {
      const route = request.routeOptions.url ?? "(no route)";
      metrics.countRequest({ method: request.method, route, status: reply.statusCode });
      done();
    });
  },
  { name: "request-counter" },
);
