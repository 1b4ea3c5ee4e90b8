import { createCalendarApiClient } from "@cita/calendar-api";
import { openDatabase } from "@cita/database";
import type { CacheTimes } from "@cita/http";
import { createServiceMetrics } from "@cita/http/metrics";
import { createLogger, type Logger } from "@cita/process";
import type { Config } from "./config.ts";
import { openCustomerStore } from "./customers/customer-store.ts";

/** What a test sets besides the configuration. */
export type Overrides = {
  readonly logger?: Logger | undefined;
  /** How long one request to the calendar service may take. */
  readonly calendarTimeoutMs?: number | undefined;
  /** How long a result of `/ready` is reused. */
  readonly readyCache?: CacheTimes | undefined;
};

export type Services = Awaited<ReturnType<typeof createServices>>;

/**
 * Opens the database and wires the service. It has no provider's token and no encryption key: those are in the calendar
 * service.
 * @throws DatabaseError
 */
export async function createServices(config: Config, overrides: Overrides = {}) {
  const db = openDatabase(config.ADMIN_DATABASE_URL);
  return {
    logger: overrides.logger ?? createLogger(config.LOG_LEVEL),
    customers: await openCustomerStore(db),
    calendarApi: createCalendarApiClient({
      baseUrl: config.CALENDAR_URL,
      serviceKey: config.CALENDAR_SERVICE_KEY,
      timeoutMs: overrides.calendarTimeoutMs,
    }),
    metrics: createServiceMetrics(),
    readyCache: overrides.readyCache,
    close: () => db.destroy(),
  };
}
