import { createCalendarApiClient } from "@cita/calendar-api";
import { type Database, openDatabase, watchCommits } from "@cita/database";
import { openEventLog } from "@cita/events";
import type { CacheTimes } from "@cita/http";
import { createServiceMetrics, type ServiceMetrics } from "@cita/http/metrics";
import { createLogger, currentActor, type Logger } from "@cita/process";
import { Gauge } from "@prometheus-io/client";
import { type Config, serviceName } from "./config.ts";
import { openCustomerStateStore } from "./customer-states/customer-state-store.ts";
import { createFollower, type Follower } from "./customer-states/follower.ts";
import { createCustomerCounts } from "./customers/customer-counts.ts";
import { createCustomerList } from "./customers/customer-list.ts";
import { openCustomerStore } from "./customers/customer-store.ts";
import { createRemovals } from "./customers/removals.ts";
import { openDailyBookings } from "./daily-bookings/daily-bookings.ts";
import { createStateChanges } from "./panel/live/state-changes.ts";
import { createIdentity } from "./people/identity.ts";
import { openPeople } from "./people/people.ts";

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
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
};

export type Services = Awaited<ReturnType<typeof createServices>>;

/**
 * Opens the database and wires the service. It has no provider's token: those are in the calendar service.
 * @throws DatabaseError
 */
export async function createServices(config: Config, overrides: Overrides = {}) {
  const { logger = createLogger(config.LOG_LEVEL), followsEvents = true, now = Date.now } = overrides;
  const db = openDatabase(config.ADMIN_DATABASE_URL, { service: serviceName });
  const stores = await openStores({ db, logger, now });
  const { customers, customerStates } = stores;
  const identity = createIdentity({ ...stores, db, config, logger, now });
  const calendarApi = createCalendarApiClient({
    baseUrl: config.CALENDAR_URL,
    serviceKey: config.CALENDAR_SERVICE_KEY,
    timeoutMs: overrides.calendarTimeoutMs,
    actor: currentActor,
  });
  const follower = createFollower({ store: customerStates, calendarApi, logger });
  const repeatAfterMs = overrides.repeatRemovalsAfterMs;
  const removals = createRemovals({ customers, calendarApi, logger, repeatAfterMs });
  const metrics = createServiceMetrics();
  describeFollower(metrics, follower);
  const stateChanges = createStateChanges({
    ...{ store: customerStates, logger },
    watch: (onCommit) => watchCommits(db, onCommit),
  });
  return {
    ...{ now, stateChanges, customerList: createCustomerList(db), countCustomers: createCustomerCounts(db) },
    settings: {
      isGoogleInTesting: config.GOOGLE_APP_IN_TESTING,
      /** Where agents call. */
      mcpUrl: `${config.MCP_PUBLIC_URL ?? config.CALENDAR_URL}/mcp`,
    },
    ...{ ...stores, ...identity, logger, calendarApi, follower, removals, metrics },
    readyCache: overrides.readyCache,
    /** Starts following the calendar service's events, and repeating removals. */
    startBackground() {
      if (followsEvents) follower.start();
      removals.start();
    },
    async stopBackground() {
      await Promise.all([follower.stop(), removals.stop(), identity.forgottenPasswords.settled()]);
    },
    async close() {
      identity.mailer.close();
      await db.destroy();
    },
  };
}

type StoreDeps = { readonly db: Database; readonly logger: Logger; readonly now: () => number };

async function openStores({ db, logger, now }: StoreDeps) {
  try {
    const customers = await openCustomerStore(db);
    const events = await openEventLog({ db, logger, now });
    const people = await openPeople({ db, events, now });
    const dailyBookings = await openDailyBookings(db);
    const customerStates = await openCustomerStateStore(db, { onEvents: dailyBookings.count });
    return { customers, customerStates, dailyBookings, events, people };
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
