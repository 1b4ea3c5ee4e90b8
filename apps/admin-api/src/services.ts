import { createCalendarApiClient } from "@cita/calendar-api";
import { connectionUse, type Database, openDatabase, watchCommits } from "@cita/database";
import { openEventLog } from "@cita/events";
import type { CacheTimes } from "@cita/http";
import { createServiceMetrics, type ServiceMetrics } from "@cita/http/metrics";
import { createIntegrationsApiClient, type IntegrationsApiClient } from "@cita/integrations-api";
import { createLogger, currentActor, type Logger } from "@cita/process";
import { openSharedCounts } from "@cita/shared-counts";
import { Gauge } from "@prometheus-io/client";
import { type Config, serviceName } from "./config.ts";
import { openCustomerStateStore } from "./customer-states/customer-state-store.ts";
import { createFollower, type Follower } from "./customer-states/follower.ts";
import { createPendingCheck } from "./customer-states/pending-check.ts";
import { createCustomerCounts } from "./customers/customer-counts.ts";
import { createCustomerList } from "./customers/customer-list.ts";
import { openCustomerStore } from "./customers/customer-store.ts";
import { createRemovals } from "./customers/removals.ts";
import { openDailyBookings } from "./daily-bookings/daily-bookings.ts";
import { createNoticeSender } from "./notices/notice-sender.ts";
import { openNoticeStore } from "./notices/notice-store.ts";
import { createStateChanges } from "./panel/live/state-changes.ts";
import { createHousekeeping } from "./people/housekeeping.ts";
import { createIdentity } from "./people/identity.ts";
import { openPeople } from "./people/people.ts";
import { createToldRemovals } from "./people/told-removals.ts";

/** What a test sets besides the configuration. */
export type Overrides = {
  readonly logger?: Logger | undefined;
  /** How long one request to the calendar service may take. */
  readonly calendarTimeoutMs?: number | undefined;
  /** False: the calendar service's events aren't followed, and the states of customers stay as they are. */
  readonly followsEvents?: boolean | undefined;
  /** How long what other services aren't told yet, of customers and people who are removed, waits for its repetition. */
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
  const integrationsApi = createIntegrationsClient(config);
  const stores = await openStores({
    ...{ db, logger, now, sendsMail: config.SMTP_HOST !== undefined },
    tellsRemovals: integrationsApi !== undefined,
  });
  const { customers, customerStates } = stores;
  const identity = createIdentity({ ...stores, db, config, logger, now });
  const calendarApi = createCalendarApiClient({
    baseUrl: config.CALENDAR_URL,
    serviceKey: config.CALENDAR_SERVICE_KEY,
    timeoutMs: overrides.calendarTimeoutMs,
    actor: currentActor,
  });
  const follower = createFollower({ store: customerStates, calendarApi, logger });
  const following = [follower, createPendingCheck({ store: customerStates, calendarApi, logger })];
  const repeatAfterMs = overrides.repeatRemovalsAfterMs;
  const removals = createRemovals({
    ...{ customers, calendarApi, integrationsApi, logger, repeatAfterMs },
    async forget(customerId) {
      await stores.people.forgetCustomer(customerId);
      await stores.dailyBookings.forget(customerId);
    },
  });
  const metrics = createServiceMetrics({ connectionUse: () => connectionUse(db) });
  describeFollower(metrics, follower);
  const others = [
    removals,
    ...(integrationsApi === undefined
      ? []
      : [createToldRemovals({ db, integrationsApi, logger, repeatAfterMs })]),
    ...createBackground(stores, identity, { logger, publicUrl: config.ADMIN_PUBLIC_URL }),
  ];
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
    ...{ ...stores, ...identity, logger, calendarApi, integrationsApi, removals, follower, metrics },
    readyCache: overrides.readyCache,
    /** Starts following the calendar service's events, and what else goes on by itself. */
    startBackground() {
      for (const one of [...(followsEvents ? following : []), ...others]) one.start();
    },
    async stopBackground() {
      const loops = [...following, ...others];
      await Promise.all([identity.forgottenPasswords.settled(), ...loops.map((one) => one.stop())]);
    },
    async close() {
      identity.mailer.close();
      await stores.sharedCounts.stop();
      await db.destroy();
    },
  };
}

/** @returns undefined where there is no integration service. */
function createIntegrationsClient(config: Config): IntegrationsApiClient | undefined {
  const { INTEGRATIONS_URL: baseUrl, CALENDAR_SERVICE_KEY: serviceKey } = config;
  return baseUrl === undefined ? undefined : createIntegrationsApiClient({ baseUrl, serviceKey });
}

type StoreDeps = {
  readonly db: Database;
  readonly logger: Logger;
  readonly now: () => number;
  /** Otherwise notices would wait for nobody. */
  readonly sendsMail: boolean;
  /** Whether other services are told who is removed. */
  readonly tellsRemovals: boolean;
};

async function openStores({ db, logger, now, sendsMail, tellsRemovals }: StoreDeps) {
  try {
    const customers = await openCustomerStore(db);
    const events = await openEventLog({ db, logger, now });
    const people = await openPeople({ db, events, now, tellsRemovals });
    const sharedCounts = await openSharedCounts({ db, logger });
    const dailyBookings = await openDailyBookings(db);
    const notices = await openNoticeStore(db, now);
    const customerStates = await openCustomerStateStore(db, {
      async onEvents(trx, page) {
        await dailyBookings.count(trx, page);
        if (sendsMail) await notices.add(trx, page);
      },
    });
    return { customers, customerStates, dailyBookings, notices, events, people, sharedCounts };
  } catch (error) {
    // Its connections would keep the process from ending.
    await db.destroy();
    throw error;
  }
}

type Stores = Awaited<ReturnType<typeof openStores>>;
type Identity = ReturnType<typeof createIdentity>;

/** The mails to admins, and the deletion of what has ended. */
function createBackground(
  { notices, people }: Stores,
  { mailer, authentication }: Identity,
  { logger, publicUrl }: { logger: Logger; publicUrl: string },
) {
  const { sessions, links, streamTickets } = people;
  const { throttle, refreshTokens } = authentication;
  const purges = [sessions, links, streamTickets, throttle, refreshTokens, notices].map(({ purge }) => purge);
  return [createNoticeSender({ notices, mailer, publicUrl, logger }), createHousekeeping(purges, logger)];
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
