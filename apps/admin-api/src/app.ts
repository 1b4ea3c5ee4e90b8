import type { CalendarApiClient } from "@cita/calendar-api";
import {
  answerErrors,
  answerHeaders,
  answerUnroutable,
  type CacheTimes,
  connectionLimits,
  createLimiter,
  flatJson,
  healthRoutes,
  keyGuard,
  registerLimits,
  requestLines,
  serverOptions,
  warnOfUntrustedProxy,
} from "@cita/http";
import { countRequests, metricsRoutes, type ServiceMetrics } from "@cita/http/metrics";
import type { TrustedProxies } from "@cita/process";
import { serializerCompiler, validatorCompiler } from "@fastify/type-provider-zod";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { activityRoutes } from "./activity/routes.ts";
import { agentKeyRoutes } from "./agent-keys/routes.ts";
import { customerBookingRoutes } from "./customer-calendars/booking-routes.ts";
import { createCustomerCalendars } from "./customer-calendars/customer-calendars.ts";
import { createPersonalData } from "./customer-calendars/personal-data.ts";
import { personalDataRoutes } from "./customer-calendars/personal-data-routes.ts";
import { type CustomerCalendarRoutesOptions, customerCalendarRoutes } from "./customer-calendars/routes.ts";
import type { CustomerStore } from "./customers/customer-store.ts";
import { openApi } from "./plugins/openapi.ts";

export type AppDeps = {
  logger: FastifyBaseLogger;
  customers: CustomerStore;
  calendarApi: CalendarApiClient;
  adminKey: string;
  metrics: ServiceMetrics;
  /** Opens `/metrics`, as it does at the calendar service. */
  serviceKey: string;
  publicUrl: string;
  /** Whether `/docs` is there, for anybody. */
  servesDocs: boolean;
  trustProxy: TrustedProxies;
  failedKeysPerMinute: number;
  /** How long a result of `/ready` is reused. */
  readyCache?: CacheTimes;
};

/** The admin's service. It knows no token and no encryption key: those stay in the calendar service. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { customers, calendarApi, publicUrl, metrics, serviceKey } = deps;
  const app = fastify({
    ...serverOptions(deps.trustProxy),
    loggerInstance: deps.logger,
    frameworkErrors: answerUnroutable,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(app);
  await app.register(connectionLimits);
  await app.register(requestLines);
  await app.register(answerHeaders, { publicUrl });
  await app.register(warnOfUntrustedProxy, { trusted: deps.trustProxy !== false });
  await app.register(countRequests, { metrics });
  await registerLimits(app);
  const failures = createLimiter(app, { perMinute: deps.failedKeysPerMinute });
  // Before what lists the API, to which they don't belong.
  await app.register(metricsRoutes, { metrics, serviceKey, failedKeys: failures });
  await app.register(healthRoutes, {
    checks: [
      { check: customers.check, failure: "The database doesn't answer." },
      { check: calendarApi.ready, failure: "The calendar service doesn't answer, or isn't ready." },
    ],
    readyCache: deps.readyCache,
  });
  if (deps.servesDocs) await app.register(openApi, { publicUrl });
  await app.register(async (behindKey) => {
    await behindKey.register(keyGuard, { key: deps.adminKey, failures });
    await behindKey.register(flatJson);
    const customerCalendarsFor: CustomerCalendarRoutesOptions["customerCalendarsFor"] = ({ id }) =>
      createCustomerCalendars({ customers, calendarApi: calendarApi.forRequest(id) });
    await behindKey.register(customerCalendarRoutes, { customerCalendarsFor });
    await behindKey.register(customerBookingRoutes, { customerCalendarsFor });
    await behindKey.register(personalDataRoutes, {
      personalDataFor: ({ id }) => createPersonalData({ customers, calendarApi: calendarApi.forRequest(id) }),
    });
    await behindKey.register(agentKeyRoutes, { customers, calendarApi });
    await behindKey.register(activityRoutes, { calendarApi });
  });
  return app;
}
