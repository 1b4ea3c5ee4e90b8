import { maxErasedEvents } from "@cita/calendar-api";
import { createReconnectLinks, withReconnectLinks } from "@cita/consent";
import { type CacheTimes, cacheBriefly } from "@cita/http";
import { createMcpServerFactory } from "@cita/mcp-endpoint";
import { createLogger, type Logger } from "@cita/process";
import { createGoogleOAuthClient, type GoogleOAuthClient } from "@cita/providers";
import { createStrandedNote, recordBookings } from "./activity/booking-activity.ts";
import { createRecorder, type RecordActivity } from "./activity/recorder.ts";
import { createAttendeeData } from "./bookings/attendee-data.ts";
import { createRecentChecks } from "./bookings/follow-calendar.ts";
import { type BookingTiming, createSweeper, defaultTiming } from "./bookings/sweeper.ts";
import { createCalendarChecks } from "./calendar-states/calendar-checks.ts";
import { createCalendarStates } from "./calendar-states/calendar-states.ts";
import { defaultStateTiming } from "./calendar-states/judge-reading.ts";
import { defaultWatchTiming, type WatchTiming } from "./calendar-states/watch-calendars.ts";
import type { createGoogleCalendar } from "./calendars/google-calendar.ts";
import { withKnownTimeZones } from "./calendars/known-time-zones.ts";
import { checksPerMinute, openGoogleCalendar } from "./calendars/open-google-calendar.ts";
import { withRecentReadings } from "./calendars/recent-readings.ts";
import type { UpstreamPolicyOptions } from "./calendars/upstream-policy.ts";
import { type Config, googleOf } from "./config.ts";
import { createHeartbeat } from "./instances/heartbeat.ts";
import { createInstructions, generalInstructions } from "./instructions/instructions.ts";
import { createFindLanguage } from "./language/find-language.ts";
import { createManagedAttendees } from "./management/attendees.ts";
import { createCustomerBookings } from "./management/bookings.ts";
import { createConnections } from "./management/connections.ts";
import { createFailingRefreshes } from "./metrics/failing-refreshes.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { observeCalendar } from "./metrics/observed-calendar.ts";
import { observeRefreshes } from "./metrics/observed-refreshes.ts";
import { prompts } from "./prompts/prompts.ts";
import { createResources } from "./resources/resources.ts";
import { createPurger, type PurgerTiming } from "./retention/purger.ts";
import { createPurges } from "./retention/purges.ts";
import { createRemoveCustomer } from "./retention/remove-customer.ts";
import { openHolidays } from "./schedules/holidays.ts";
import { createSchedules, findStoredSchedule } from "./schedules/schedules.ts";
import { openStorage, type Storage } from "./storage.ts";
import { createTools } from "./tools/tools.ts";

/** The configuration that HTTP and stdio have in common. */
export type ServicesConfig = Pick<
  Config,
  | keyof Parameters<typeof googleOf>[0]
  | "DATABASE_URL"
  | "TOKEN_ENCRYPTION_KEY"
  | "GOOGLE_USER_QUOTA"
  | "GOOGLE_PROJECT_QUOTA"
  | "CONSENT_LINK_DAYS"
  | "RETENTION_DAYS"
  | "CALENDAR_CACHE_SECONDS"
  | "LOG_LEVEL"
>;

/** What is chosen by whoever starts the services, and isn't configuration: clocks, timings, and where the log goes. */
export type Overrides = {
  readonly logger?: Logger;
  readonly timing?: BookingTiming;
  /** How long one request to Google may take. */
  readonly googleTimeoutMs?: number;
  /** How long a process that died keeps others from renewing a customer's access. */
  readonly refreshLeaseMs?: number;
  /** How soon, and how often, what is no longer needed is removed. */
  readonly purging?: PurgerTiming;
  /** Limits and breaker of what is sent to Google. */
  readonly upstream?: Partial<UpstreamPolicyOptions>;
  /** How long a result of `/ready`, and the counts of `/metrics`, are reused. */
  readonly readyCache?: CacheTimes;
  readonly countsCache?: CacheTimes;
  /** How soon calendars are read that nobody asks about; null: never. */
  readonly calendarWatch?: WatchTiming | null;
  readonly now?: () => number;
};

export type Services = Awaited<ReturnType<typeof createServices>>;

const dayMs = 86_400_000;

/** Less than the usual 15 seconds between scrapes, so that each sees new counts; several scrapers cost one count. */
const countsCacheTimes: CacheTimes = { successMs: 14_000, failureMs: 2_000 };

/**
 * Opens the database and puts everything together that serves agents and owners, over HTTP and over stdio. Nothing
 * runs by itself until `start`.
 * @param createCalendar handed in, so that a program that has to start fast can load it later.
 * @throws KeysMissingError, DatabaseError
 */
export async function createServices(
  config: ServicesConfig,
  createCalendar: typeof createGoogleCalendar,
  overrides: Overrides = {},
) {
  const { now = Date.now, timing = defaultTiming } = overrides;
  const logger = overrides.logger ?? createLogger(config.LOG_LEVEL);
  const storage = await openStorage({
    databaseUrl: config.DATABASE_URL,
    encryptionKeys: config.TOKEN_ENCRYPTION_KEY,
    logger,
    now,
  });
  const { db, store } = storage;
  const record = createRecorder(storage.activity, logger);
  const google = { ...googleOf(config), timeoutMs: overrides.googleTimeoutMs };
  const oauthClient = createGoogleOAuthClient({ ...google, now });
  const linkLifetimeMs = config.CONSENT_LINK_DAYS * dayMs;
  const reconnectLinks = createReconnectLinks({
    consentLinks: store.consentLinks,
    record,
    lifetimeMs: linkLifetimeMs,
  });
  const metrics = createServicesMetrics(storage, { logger, countsCache: overrides.countsCache, now });
  const calendars = createCalendars(config, createCalendar, {
    ...{ storage, record, oauthClient, logger, overrides, now, ...metrics },
    connections: withReconnectLinks(store.connections, { record, reconnectLinks, logger }),
  });
  const { calendar, findKnownTimeZone, findLastTimeZone, checks } = calendars;
  const connections = createConnections({
    ...{ store, oauthClient, record, reconnectLinks, linkLifetimeMs },
    publicUrl: google.publicUrl,
  });
  const ledger = recordBookings(storage.ledger, { record, by: "agent", now });
  const holidays = openHolidays();
  const schedules = createSchedules({ store: storage.schedules, holidays, ...checks });
  const findSchedule = schedules.find;
  const readAccountId = async (customerId: string) =>
    (await store.connections.statuses([customerId], "google"))[0]?.accountId ?? null;
  const sweeper = createSweeper({ ledger, calendar, readAccountId, logger, timing });
  const findLanguage = createFindLanguage({ findSchedule, findLastTimeZone, logger });
  const toolDeps = {
    ...{ calendar, ledger, holidays, findSchedule, readAccountId, findKnownTimeZone, now },
    recentChecks: createRecentChecks(),
    settleSoon: sweeper.wake,
    holdMs: timing.holdMs,
  };
  const offer = {
    tools: createTools(toolDeps),
    resources: createResources(toolDeps),
    prompts,
    instructions: generalInstructions,
  };
  const purges = createPurges({
    ...{ consentLinks: store.consentLinks, ledger },
    retentionDays: config.RETENTION_DAYS,
  });
  const heartbeat = createHeartbeat({
    ...{ instanceId: storage.instanceId, store: storage.instances, timing, logger },
    onGone: sweeper.wake,
  });
  const purger = createPurger({ purges, logger, ...overrides.purging, now });
  const background = [sweeper, calendars.keepAlive, purger, checks.watch].filter(
    (work) => work !== undefined,
  );

  return {
    ...{ logger, storage, google, oauthClient, record, metrics: metrics.metrics, now },
    ...{ connections, schedules, ledger },
    readyCache: overrides.readyCache,
    bookings: createCustomerBookings({
      ...toolDeps,
      ledger: recordBookings(storage.ledger, { record, by: "admin", now }),
    }),
    attendees: createManagedAttendees({
      data: createAttendeeData({ db, maxEvents: maxErasedEvents, now }),
      ...{ readAccountId, now },
    }),
    removeCustomer: createRemoveCustomer({ db, connections, now }),
    noteStranded: createStrandedNote({ ledger, record, now }),
    tryConnection: checks.readFirst,
    createMcpServer: createMcpServerFactory(offer, {
      isKnown: connections.isKnown,
      findLanguage,
      observe: metrics.metrics.observeToolCall,
    }),
    writeInstructions: createInstructions({ findSchedule, findKnownTimeZone, findLanguage, logger, now }),

    /** To be called before anything is held: this instance lives from then on. */
    start: () => heartbeat.start(),
    /** Begins what is done without being asked: settling, renewing, purging, watching. */
    startBackground() {
      for (const work of background) work.start();
    },
    stopBackground: () => Promise.all(background.map((work) => work.stop())),
    /** An access that Google has renewed is saved, and this instance is gone, before the database is closed. */
    async close() {
      await calendars.finishRenewals();
      await heartbeat.stop();
      await db.destroy();
    },
  };
}

type MetricsDeps = { logger: Logger; countsCache: CacheTimes | undefined; now: () => number };

function createServicesMetrics(
  { store }: Storage,
  { logger, countsCache = countsCacheTimes, now }: MetricsDeps,
) {
  const failing = createFailingRefreshes(now);
  const metrics = createMetrics({
    countConnections: cacheBriefly(() => store.connections.countByState("google"), countsCache),
    oldestFailingRefresh: failing.oldest,
    onFault: (err) => logger.warn({ err }, "the connections couldn't be counted"),
    now,
  });
  return { metrics, failing };
}

type CalendarParts = ReturnType<typeof createServicesMetrics> & {
  readonly storage: Storage;
  readonly record: RecordActivity;
  readonly oauthClient: GoogleOAuthClient;
  readonly connections: Storage["store"]["connections"];
  readonly logger: Logger;
  readonly overrides: Overrides;
  readonly now: () => number;
};

/** The calendar that agents ask, and what finds out whether it answers. */
function createCalendars(
  config: ServicesConfig,
  createCalendar: typeof createGoogleCalendar,
  { storage, record, oauthClient, connections, metrics, failing, logger, overrides, now }: CalendarParts,
) {
  const { store } = storage;
  const { calendarWatch = defaultWatchTiming } = overrides;
  const findBusyCalendars = async (customerId: string) =>
    (await findStoredSchedule(storage.schedules, customerId)).busy_calendars;
  const { noteReading } = createCalendarStates({
    ...{ store: store.calendarStates, findBusyCalendars, record, logger, now },
    timing: calendarWatch ?? defaultStateTiming,
  });
  const google = openGoogleCalendar({
    ...{ createCalendar, connections, logger, now },
    apiUrl: config.GOOGLE_API_URL,
    quota: { user: config.GOOGLE_USER_QUOTA, project: config.GOOGLE_PROJECT_QUOTA },
    refreshGrant: observeRefreshes(oauthClient.refresh, { failing, countRefresh: metrics.countRefresh }),
    onReading: noteReading,
    timeoutMs: overrides.googleTimeoutMs,
    refreshLeaseMs: overrides.refreshLeaseMs,
    upstream: overrides.upstream,
  });
  const zoneDeps = { connections: store.connections, logger };
  const zoned = withKnownTimeZones(observeCalendar(google.calendar, metrics.observeCalendarCall), zoneDeps);
  const { findKnownTimeZone, findLastTimeZone } = zoned;
  return {
    calendar: withRecentReadings(zoned, config.CALENDAR_CACHE_SECONDS * 1_000),
    ...{ findKnownTimeZone, findLastTimeZone },
    checks: createCalendarChecks({
      ...{ store: store.calendarStates, findBusyCalendars, logger, now },
      calendar: withKnownTimeZones(google.calendarForChecks, zoneDeps),
      perMinute: checksPerMinute(config.GOOGLE_PROJECT_QUOTA),
      watch: calendarWatch ?? undefined,
    }),
    keepAlive: google.keepAlive,
    finishRenewals: google.finishRenewals,
  };
}
