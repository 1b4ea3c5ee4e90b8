/**
 * Metrics of a service for Prometheus: the registry, the count of requests, and `/metrics`. A service adds the metrics of
 * its own work. This is a separate entry because `@prometheus-io/client` takes 2 MiB.
 */
export { countRequests, metricsRoutes } from "./routes.ts";
export { createServiceMetrics, type ServiceMetrics, type ServiceMetricsDeps } from "./service-metrics.ts";
