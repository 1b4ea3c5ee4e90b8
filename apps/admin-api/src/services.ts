import { createCalendarApiClient } from "@cita/calendar-api";
import { connectionUse, type Database, openDatabase } from "@cita/database";
import type { CacheTimes } from "@cita/http";
import { createServiceMetrics, type ServiceMetrics } from "@cita/http/metrics";
import { createLogger, type Logger } from "@cita/process";
import { openSharedCounts } from "@cita/shared-counts";
import { Gauge } from "@prometheus-io/client";
import { type Config, serviceName } from "./config.ts";
import { openCustomerStateStore } from "./customer-states/customer-state-store.ts";
import { createFollower, type Follower } from "./customer-states/follower.ts";
import { openCustomerStore } from "./customers/customer-store.ts";
import { createRemovals } from "./customers/removals.ts";

/** What a test sets besides the configuration. */
export type Overrides = {
  readonly logger?: Logger | undefined;
  /** How long one request to the calendar service may take. */
  readonly calendarTimeoutMs?: number | undefined;
  /** False: the calendar service's events aren't followed, and the states of customers stay as they are. */
  readonly followsEvents?: boolean | undefined;
  /** How long a removal that has failed waits for its repetition. */
  readonly repeatRemovalsAfterMs?: number | undefined;
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
  const { logger = createLogger(config.LOG_LEVEL), followsEvents = true } = overrides;
  const db = openDatabase(config.ADMIN_DATABASE_URL, { service: serviceName });
  const { customers, customerStates, sharedCounts } = await openStores(db, logger);
  const calendarApi = createCalendarApiClient({
    baseUrl: config.CALENDAR_URL,
    serviceKey: config.CALENDAR_SERVICE_KEY,
    timeoutMs: overrides.calendarTimeoutMs,
  });
  const follower = createFollower({ store: customerStates, calendarApi, logger });
  const repeatAfterMs = overrides.repeatRemovalsAfterMs;
  const removals = createRemovals({ customers, calendarApi, logger, repeatAfterMs });
  const metrics = createServiceMetrics({ connectionUse: () => connectionUse(db) });
  describeFollower(metrics, follower);
  return {
    ...{ logger, customers, customerStates, sharedCounts, calendarApi, removals, metrics },
    readyCache: overrides.readyCache,
    /** Starts following the calendar service's events, and repeating removals. */
    startBackground() {
      if (followsEvents) follower.start();
      removals.start();
    },
    stopBackground: () => Promise.all([follower.stop(), removals.stop()]),
    async close() {
      await sharedCounts.stop();
      await db.destroy();
    },
  };
}

async function openStores(db: Database, logger: Logger) {
  try {
    const customers = await openCustomerStore(db);
    const customerStates = await openCustomerStateStore(db);
    return { customers, customerStates, sharedCounts: await openSharedCounts({ db, logger }) };
  } catch (error) {
    // Its connections would keep the process from ending.
    await db.destroy();
    throw error;
  }
}

function describeFollower({ registry }: ServiceMetrics, follower: Follower): void {
  new Gauge({
    name: "cita_customer_states_age_seconds",
    help: "How long ago the customers' states had all events of the calendar service; NaN: not since the start.",
    registers: [registry],
    collect() {
      this.set(follower.secondsBehind() ?? Number.NaN);
    },
  });
}
