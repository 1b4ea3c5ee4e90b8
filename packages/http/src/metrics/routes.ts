import { isLoopbackHost } from "@cita/process";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { keyGuard } from "../key-guard.ts";
import type { Limiter } from "../limiter.ts";
import { isLoopbackHostHeader } from "../loopback-headers.ts";
import { cameThroughProxy } from "../proxy-headers.ts";
import type { ServiceMetrics } from "./service-metrics.ts";

export type MetricsRoutesOptions = {
  metrics: Pick<ServiceMetrics, "read" | "contentType">;
  serviceKey: string;
  failedKeys: Limiter;
};

/** `/metrics`, for clients on this machine and those with the service key. */
export const metricsRoutes: FastifyPluginAsync<MetricsRoutesOptions> = async (app, options) => {
  const { metrics, serviceKey, failedKeys } = options;
  await app.register(keyGuard, { key: serviceKey, failures: failedKeys, exempt: isFromThisMachine });
  app.get("/metrics", { logLevel: "warn" }, async (_request, reply) =>
    reply.header("content-type", metrics.contentType).send(await metrics.read()),
  );
};

/** Whether a client on this machine has sent the request itself, and not a proxy on this machine or a web page. */
function isFromThisMachine(request: FastifyRequest): boolean {
  return (
    !cameThroughProxy(request) && isLoopbackHost(request.ip) && isLoopbackHostHeader(request.headers.host)
  );
}

/** Counts responses by the route's pattern, since a URL may have a link token. */
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
