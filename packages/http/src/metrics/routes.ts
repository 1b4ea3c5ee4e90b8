import { isLoopbackHost } from "@cita/process";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { keyGuard } from "../key-guard.ts";
import type { Limiter } from "../limiter.ts";
import { isLocalHost } from "../local-names.ts";
import { cameThroughProxy } from "../proxy-signs.ts";
import type { ServiceMetrics } from "./service-metrics.ts";

export type MetricsRoutesOptions = {
  metrics: Pick<ServiceMetrics, "read" | "contentType">;
  serviceKey: string;
  failedKeys: Limiter;
};

/** `/metrics`, for whoever is on this machine or has the service key. */
export const metricsRoutes: FastifyPluginAsync<MetricsRoutesOptions> = async (app, options) => {
  const { metrics, serviceKey, failedKeys } = options;
  await app.register(keyGuard, { key: serviceKey, failures: failedKeys, exempt: isFromHere });
  app.get("/metrics", { logLevel: "warn" }, async (_request, reply) =>
    reply.header("content-type", metrics.contentType).send(await metrics.read()),
  );
};

/** A proxy on this machine makes everybody look local, and a web page may reach us under another name. */
function isFromHere(request: FastifyRequest): boolean {
  return !cameThroughProxy(request) && isLoopbackHost(request.ip) && isLocalHost(request.headers.host);
}
