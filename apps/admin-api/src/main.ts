import { createCalendarApiClient } from "@cita/calendar-api";
import { openDatabase } from "@cita/database";
import { createServiceMetrics } from "@cita/http/metrics";
import { createLogger, readConfig, runService } from "@cita/process";
import { buildApp } from "./app.ts";
import { configSchema } from "./config.ts";
import { openCustomerStore } from "./customers/customer-store.ts";

await runService("admin-api", async () => {
  const config = readConfig(configSchema, process.env);
  const db = openDatabase(config.ADMIN_DATABASE_URL);
  const app = await buildApp({
    logger: createLogger(config.LOG_LEVEL),
    customers: await openCustomerStore(db),
    calendarApi: createCalendarApiClient({
      baseUrl: config.CALENDAR_URL,
      serviceKey: config.CALENDAR_SERVICE_KEY,
    }),
    adminKey: config.ADMIN_API_KEY,
    metrics: createServiceMetrics(),
    serviceKey: config.CALENDAR_SERVICE_KEY,
    publicUrl: config.ADMIN_PUBLIC_URL,
    servesDocs: config.ADMIN_DOCS,
    trustProxy: config.TRUST_PROXY,
    failedKeysPerMinute: config.FAILED_KEYS_PER_MINUTE,
  });
  app.addHook("onClose", () => db.destroy());
  await app.listen({ host: config.ADMIN_HOST, port: config.ADMIN_PORT });
  return app;
});
