import {
  answerErrors,
  answerHeaders,
  connectionLimits,
  createLimiter,
  healthRoutes,
  jsonDepthLimit,
  keyGuard,
  logIncomingRequests,
  serverOptions,
  warnOfUntrustedProxy,
} from "@cita/http";
import { countRequests, metricsRoutes } from "@cita/http/metrics";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { activityRoutes } from "./activity/routes.ts";
import { agentKeyRoutes } from "./agent-keys/routes.ts";
import type { Config } from "./config.ts";
import { customerBookingRoutes } from "./customer-calendars/booking-routes.ts";
import { personalDataRoutes } from "./customer-calendars/personal-data-routes.ts";
import { customerCalendarRoutes } from "./customer-calendars/routes.ts";
import { scheduleRoutes } from "./customer-calendars/schedule-routes.ts";
import { openApi } from "./openapi/openapi.ts";
import type { Services } from "./services.ts";

/** The admins' service. Closing the app closes the services. */
export async function buildApp(services: Services, config: Config): Promise<FastifyInstance> {
  const { customers, customerStates, calendarApi, removals, metrics } = services;
  const app = await createApp(services, config);
  const failures = createLimiter({
    name: "wrong keys",
    perMinute: config.FAILED_KEYS_PER_MINUTE,
    sharedCounts: services.sharedCounts,
  });
  // Before `openApi`, so that these routes aren't in the API's documentation.
  await app.register(metricsRoutes, {
    metrics,
    serviceKey: config.CALENDAR_SERVICE_KEY,
    failedKeys: failures,
  });
  await app.register(healthRoutes, {
    checks: [
      { check: customers.check, failure: "The database doesn't answer." },
      { check: calendarApi.ready, failure: "The calendar service doesn't answer, or isn't ready." },
    ],
    readyCache: services.readyCache,
  });
  if (config.ADMIN_DOCS) await app.register(openApi, { publicUrl: config.ADMIN_PUBLIC_URL });
  await app.register(async (behindKey) => {
    await behindKey.register(keyGuard, { key: config.ADMIN_API_KEY, failures });
    await behindKey.register(jsonDepthLimit);
    await behindKey.register(customerCalendarRoutes, { customers, customerStates, calendarApi });
    await behindKey.register(scheduleRoutes, { customers, calendarApi });
    await behindKey.register(customerBookingRoutes, { customers, calendarApi });
    await behindKey.register(personalDataRoutes, { customers, calendarApi, removals });
    await behindKey.register(agentKeyRoutes, { customers, calendarApi });
    await behindKey.register(activityRoutes, { customers, calendarApi });
  });
  app.addHook("onListen", async () => services.startBackground());
  app.addHook("preClose", async () => void (await services.stopBackground()));
  app.addHook("onClose", () => services.close());
  return app;
}

/** An app with the plugins that all routes share. */
async function createApp({ logger, metrics }: Services, config: Config): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger;
  const app = fastify({ ...serverOptions(config.TRUST_PROXY), loggerInstance });
  answerErrors(app);
  await app.register(connectionLimits);
  await app.register(logIncomingRequests);
  await app.register(answerHeaders, { publicUrl: config.ADMIN_PUBLIC_URL });
  await app.register(warnOfUntrustedProxy, { trusted: config.TRUST_PROXY !== false });
  await app.register(countRequests, { metrics });
  return app;
}
