export { countRequests } from "./request-counter.ts";
export { metricsRoutes } from "./routes.ts";
export { createServiceFigures, type ServiceFigures } from "./service-figures.ts";
