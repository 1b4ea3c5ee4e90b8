/**
 * Metrics of a service for Prometheus: the registry, the count of requests, and `/metrics`. What a service measures of
 * its own work is added in that service. It is an entry of its own, since `@prometheus-io/client` takes 2 MiB.
 */
export { countRequests, metricsRoutes } from "./routes.ts";
export { createServiceMetrics, type ServiceMetrics } from "./service-metrics.ts";
