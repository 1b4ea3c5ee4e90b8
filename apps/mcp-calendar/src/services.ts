import { maxErasedEvents } from "@cita/calendar-api";
import { connectionUse } from "@cita/database";
import { type CacheTimes, cacheBriefly } from "@cita/http";
import { createMcpServerFactory } from "@cita/mcp-endpoint";
import { createLogger } from "@cita/process";
import {
  createExplainLoss,
  createProviderClients,
  createRenewConnection,
  type Provider,
  type ProviderClients,
} from "@cita/providers";
import { dayMs } from "@cita/scheduling";
import { accountKey } from "./bookings/booking.ts";
import { createRecentChecks } from "./bookings/follow-calendar.ts";
import { createAttendeeData } from "./bookings/ledger/attendee-data.ts";
import { createSweeper, defaultTiming } from "./bookings/sweeper.ts";
import { calendarProviders } from "./calendar-providers.ts";
import { defaultStateTiming } from "./calendar-states/apply-reading.ts";
import { createCalendarChecks, createTryConnection } from "./calendar-states/calendar-checks.ts";
import { createCalendarStates } from "./calendar-states/calendar-states.ts";
import { defaultWatchTiming } from "./calendar-states/calendar-watch.ts";
import { createStateExplanations } from "./calendar-states/explain-state.ts";
import { createKnownTimeZones } from "./calendars/known-time-zones.ts";
import { calendarOpeners, openCalendars, type ProviderReading } from "./calendars/open-calendars.ts";
import { withRecentReadings } from "./calendars/recent-readings.ts";
import { openRenewals } from "./calendars/upstream/renewals.ts";
import type { ServicesConfig } from "./config.ts";
import { createHeartbeat } from "./instances/heartbeat.ts";
import { createInstructions, generalInstructions } from "./instructions/instructions.ts";
import { serverInfo } from "./instructions/server-info.ts";
import { createFindLanguage } from "./language/language.ts";
import { createReadAgenda } from "./management/agenda.ts";
import { createManagedAttendees } from "./management/attendees.ts";
import { createCustomerBookings } from "./management/bookings.ts";
import { createManagedConnections } from "./management/connections.ts";
import { createPreviewSchedule } from "./management/schedule-preview.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import type { Overrides } from "./overrides.ts";
import { prompts } from "./prompts/prompts.ts";
import { createResources } from "./resources/resources.ts";
import { createPurger } from "./retention/purger.ts";
import { createPurges } from "./retention/purges.ts";
import { createRemoveCustomer } from "./retention/remove-customer.ts";
import { createHolidays } from "./schedules/holidays.ts";
import { createSchedules } from "./schedules/schedules.ts";
import { openStorage } from "./storage/open-storage.ts";
import type { ToolDeps } from "./tools/define-tool.ts";
import { createTools } from "./tools/tools.ts";

export type Services = Awaited<ReturnType<typeof createServices>>;

/** Less than the usual 15 s between scrapes, so that each scrape sees new counts, and several scrapers cost one count. */
const countsCacheTimes: CacheTimes = { successMs: 14_000, failureMs: 2_000 };

/**
 * Opens the database and wires everything that the HTTP service and `stdio/` use. Nothing else wires, and nothing runs in
 * the background until `startBackground`.
 * @throws KeysMissingError, DatabaseError
 */
export async function createServices(config: ServicesConfig, overrides: Overrides = {}) {
  const base = await createBase(config, overrides);
  const { logger, storage, now } = base;
  const { clients, connections, ...explanations } = createConsent(base);
  const metrics = createServiceMetrics(base, clients);
  const calendars = createCalendars(base, { clients, metrics });
  const holidays = createHolidays();
  const schedules = createSchedules({ store: storage.schedules, holidays, ...calendars.checks });
  const findSchedule = storage.schedules.find;
  const bookings = createBookings(base, { ...calendars, holidays, findSchedule });
  const { ledger, toolDeps } = bookings;
  const customerBookings = createCustomerBookings({ ...toolDeps, ledger: storage.ledger.forAdmins() });
  return {
    ...{ logger, storage, clients, ...explanations, metrics, connections, schedules, ledger, now },
    publicUrl: config.MCP_PUBLIC_URL,
    sharedCounts: storage.sharedCounts,
    readyCache: overrides.readyCache,
    bookings: customerBookings,
    readAgenda: createReadAgenda(toolDeps, customerBookings),
    previewSchedule: createPreviewSchedule({
      ...toolDeps,
      ...{ schedules, findLastTimeZone: calendars.zones.findLast },
    }),
    attendees: createManagedAttendees({
      data: createAttendeeData({ db: storage.db, maxEvents: maxErasedEvents, now }),
      ...{ readAccountId: toolDeps.readAccountId, now },
    }),
    removeCustomer: createRemoveCustomer({
      ...{ db: storage.db, connections, removedCustomers: storage.removedCustomers, now },
    }),
    tryConnection: createTryConnection({ ...calendars, ...base, ...explanations }),
    ...createMcp(base, { toolDeps, zones: calendars.zones, isKnown: connections.isKnown, metrics }),
    ...createLifecycle(base, calendars, bookings),
  };
}

/** What all other parts need. */
async function createBase(config: ServicesConfig, overrides: Overrides) {
  const { now = Date.now, timing = defaultTiming } = overrides;
  const logger = overrides.logger ?? createLogger(config.LOG_LEVEL);
  const storage = await openStorage({
    databaseUrl: config.DATABASE_URL,
    encryptionKeys: config.TOKEN_ENCRYPTION_KEY,
    reconnectLinkMs: config.CONSENT_LINK_DAYS * dayMs,
    logger,
    now,
  });
  const { instanceId, instances } = storage;
  return {
    ...{ config, overrides, logger, timing, now, storage },
    heartbeat: createHeartbeat({ instanceId, store: instances, timing, logger }),
    findConnection: async (customerId: string) => (await storage.store.connections.statuses([customerId]))[0],
  };
}

type Base = Awaited<ReturnType<typeof createBase>>;

function createServiceMetrics(base: Base, clients: ProviderClients): Metrics {
  const { storage, heartbeat, overrides, logger, now } = base;
  const providers = [...clients.keys()];
  const countConnections = () => storage.store.connections.countByState(providers);
  return createMetrics({
    providers,
    countConnections: cacheBriefly(countConnections, overrides.countsCache ?? countsCacheTimes),
    connectionUse: () => connectionUse(storage.db),
    heartbeat,
    onFault: (err) => logger.warn({ err }, "the connections couldn't be counted"),
    now,
  });
}

/** The OAuth client, and connections: for management, and with the links that are made when one is lost. */
function createConsent({ config, overrides, storage: { store }, findConnection, now }: Base) {
  const publicUrl = config.MCP_PUBLIC_URL;
  const { providers = calendarProviders } = overrides;
  const clients = createProviderClients({
    providers,
    configured: config.clients,
    ...{ settings: config, hostsAt: config.PROVIDER_HOSTS_AT, publicUrl, now },
    timeoutMs: overrides.requestTimeoutMs,
  });
  const linkLifetimeMs = config.CONSENT_LINK_DAYS * dayMs;
  const explanations = {
    explainLoss: createExplainLoss(providers),
    ...createStateExplanations(providers, openersOf(overrides)),
  };
  const deps = { store, providers, clients, ...explanations, linkLifetimeMs, publicUrl };
  return {
    clients,
    connections: createManagedConnections(deps),
    ...explanations,
    /** The provider of a customer's connection; without one, the first that is configured. */
    async findProvider(customerId: string): Promise<Provider> {
      const id = (await findConnection(customerId))?.provider;
      const found = providers.find((one) => one.id === id) ?? [...clients.values()][0]?.provider;
      if (found === undefined) throw new TypeError("no provider is configured");
      return found;
    },
  };
}

const openersOf = (overrides: Overrides) => ({ ...calendarOpeners, ...overrides.calendarOpeners });

type CalendarParts = { clients: ProviderClients; metrics: Metrics };

/** The calendar for agents, and the checks of whether calendars answer. */
function createCalendars(base: Base, { clients, metrics }: CalendarParts) {
  const { config, overrides, storage, heartbeat, findConnection, logger, now } = base;
  const { calendarStates, connections } = storage.store;
  const { calendarWatch = defaultWatchTiming } = overrides;
  const findBusyCalendars = async (customerId: string) =>
    (await storage.schedules.find(customerId)).busy_calendars;
  const states = createCalendarStates({
    ...{ store: calendarStates, findBusyCalendars, logger, now },
    timing: calendarWatch ?? defaultStateTiming,
  });
  const zones = createKnownTimeZones({ connections, findConnection, logger });
  // Separate, so that a failed check doesn't clear a zone that an agent's reading has shown.
  const zonesOfChecks = createKnownTimeZones({ connections, findConnection, logger });
  const onReading = (known: typeof zones) => (reading: ProviderReading) => {
    known.update(reading);
    return states.update(reading);
  };
  const renewals = openRenewals({
    connections,
    renewConnection: createRenewConnection(clients),
    providers: [...clients.keys()],
    breakers: overrides.upstream ?? {},
    observe: metrics.observeRefresh,
    leaseMs: overrides.refreshLeaseMs,
    ...{ logger, now },
  });
  const findProvider = async (customerId: string) => (await findConnection(customerId))?.provider;
  const calendars = openCalendars({
    openers: openersOf(overrides),
    configured: clients,
    ...{ config, findProvider },
    agents: {
      accessTokens: renewals.ofAgents,
      onReading: onReading(zones),
      observe: metrics.observeCalendarCall,
    },
    checks: { accessTokens: renewals.ofChecks, onReading: onReading(zonesOfChecks) },
    timeoutMs: overrides.requestTimeoutMs,
    upstream: { ...overrides.upstream, countInstances: heartbeat.countInstances },
    now,
  });
  return {
    calendars,
    renewals,
    calendar: withRecentReadings(calendars.calendar, {
      maxAgeMs: config.CALENDAR_CACHE_SECONDS * 1_000,
      findConnection,
    }),
    zones,
    checks: createCalendarChecks({
      ...{ calendars, store: calendarStates, findProvider, findBusyCalendars, logger, now },
      watch: calendarWatch ?? undefined,
      countInstances: heartbeat.countInstances,
    }),
  };
}

type Calendars = ReturnType<typeof createCalendars>;

type BookingParts = Pick<Calendars, "calendar" | "zones"> & Pick<ToolDeps, "holidays" | "findSchedule">;

/** What the tools need to book, and the sweeper that settles holds. */
function createBookings(base: Base, { calendar, zones, holidays, findSchedule }: BookingParts) {
  const { storage, findConnection, logger, timing, now } = base;
  const { ledger } = storage;
  const readAccountId = async (customerId: string) => {
    const connection = await findConnection(customerId);
    return connection === undefined ? null : accountKey(connection);
  };
  const sweeper = createSweeper({ ledger, calendar, readAccountId, logger, timing, now });
  const toolDeps: ToolDeps = {
    ...{ calendar, ledger, holidays, findSchedule, readAccountId, findKnownTimeZone: zones.find, now },
    recentChecks: createRecentChecks(),
    settleSoon: sweeper.wake,
    holdMs: timing.holdMs,
  };
  return { ledger, sweeper, toolDeps };
}

type McpParts = Pick<Calendars, "zones"> & {
  toolDeps: ToolDeps;
  isKnown: (customerId: string) => Promise<boolean>;
  metrics: Metrics;
};

/** The MCP server factory with its tools, resources, prompts and instructions. */
function createMcp({ logger, now }: Base, { toolDeps, zones, isKnown, metrics }: McpParts) {
  const { findSchedule, findKnownTimeZone } = toolDeps;
  const findLanguage = createFindLanguage({ findSchedule, findLastTimeZone: zones.findLast, logger });
  const tools = createTools(toolDeps);
  const features = {
    serverInfo,
    tools,
    resources: createResources(toolDeps),
    prompts,
    instructions: generalInstructions,
  };
  return {
    tools,
    findLanguage,
    createMcpServer: createMcpServerFactory(features, {
      ...{ isKnown, findLanguage },
      observe: metrics.observeToolCall,
    }),
    writeInstructions: createInstructions({ findSchedule, findKnownTimeZone, findLanguage, logger, now }),
  };
}

/** Starting and stopping. */
function createLifecycle(
  { config, overrides, storage, heartbeat, logger, now }: Base,
  { calendars, renewals, checks }: Calendars,
  { ledger, sweeper }: ReturnType<typeof createBookings>,
) {
  const { removedCustomers, store } = storage;
  const retentionDays = config.RETENTION_DAYS;
  const purges = createPurges({ ...store, ledger, removedCustomers, retentionDays });
  const purger = createPurger({ purges, logger, ...overrides.purging, now });
  const background = [sweeper, renewals.keepAlive, purger, ...checks.watches];
  return {
    /** Loads the providers' client libraries, so that the first call of a calendar doesn't wait for them. */
    loadCalendarClient: calendars.load,
    /** Registers this instance. To be called before any range is held. */
    start: () => heartbeat.start(sweeper.wake),
    /** Starts the background work: settling, renewing, purging, watching. */
    startBackground() {
      for (const work of background) work.start();
    },
    stopBackground: () => Promise.all(background.map((work) => work.stop())),
    /** Waits for renewals to be saved, removes this instance, and closes the database. */
    async close() {
      await renewals.finish();
      await heartbeat.stop();
      await storage.sharedCounts.stop();
      await storage.db.destroy();
    },
  };
}
