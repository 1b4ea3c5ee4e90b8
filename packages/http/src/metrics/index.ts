export { countRequests } from "./request-counter.ts";
export { metricsRoutes } from "./routes.ts";
export { createServiceMetrics, type ServiceMetrics } from "./service-metrics.ts";
