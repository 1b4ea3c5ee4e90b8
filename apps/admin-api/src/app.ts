import type { CalendarApiClient } from "@cita/calendar-api";
import { serializerCompiler, validatorCompiler } from "@fastify/type-provider-zod";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { createCustomerCalendars } from "./customer-calendars/customer-calendars.ts";
import { customerCalendarRoutes } from "./customer-calendars/routes.ts";
import type { CustomerStore } from "./customers/customer-store.ts";
import { healthRoutes } from "./health.ts";
import { answerErrors, answerUnroutable } from "./plugins/error-answers.ts";
import { openApi } from "./plugins/openapi.ts";

export type AppDeps = {
  logger: FastifyBaseLogger;
  customers: CustomerStore;
  calendarApi: CalendarApiClient;
  adminKey: string;
  publicUrl: string;
};

/** The admin's service. It knows no token and no encryption key: those stay in the calendar service. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { customers, calendarApi, adminKey } = deps;
  const app = fastify({
    loggerInstance: deps.logger,
    bodyLimit: 64 * 1024,
    return503OnClosing: true,
    frameworkErrors: answerUnroutable,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(app);
  await app.register(openApi, { publicUrl: deps.publicUrl });
  await app.register(customerCalendarRoutes, {
    customerCalendars: createCustomerCalendars({ customers, calendarApi }),
    adminKey,
  });
  await app.register(healthRoutes, {
    checkDatabase: customers.check,
    checkCalendarService: calendarApi.ready,
  });
  return app;
}
