import type { Database } from "@cita/database";
import { type CacheTimes, cacheBriefly } from "@cita/http";
import { createLogger, type Logger } from "@cita/process";
import type { TokenStore } from "@cita/token-store";
import type { FastifyInstance } from "fastify";
import { createRecorder } from "./activity/recorder.ts";
import { type AppDeps, buildApp, buildManagementApp } from "./app.ts";
import { assembleService } from "./assemble-service.ts";
import type { BookingTiming } from "./bookings/booking-timing.ts";
import { defaultWatchTiming, type WatchTiming } from "./calendar-states/watch-calendars.ts";
import { createGoogleCalendar } from "./calendars/google-calendar.ts";
import type { UpstreamPolicyOptions } from "./calendars/upstream-policy.ts";
import { type Config, managementAddressOf } from "./config.ts";
import { createFailingRefreshes } from "./metrics/failing-refreshes.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { observeCalendar } from "./metrics/observed-calendar.ts";
import { observeRefreshes } from "./metrics/observed-refreshes.ts";
import { openStorage } from "./open-storage.ts";
import type { PurgerTiming } from "./retention/purger.ts";

/** What a test sets otherwise; nothing of it is configuration. */
export type ServiceOptions = {
  logger?: Logger;
  timing?: BookingTiming;
  /** How long one request to Google may take. */
  googleTimeoutMs?: number;
  /** How long a process that died keeps others from renewing a customer's access. */
  refreshLeaseMs?: number;
  /** How soon, and how often, what is no longer needed is removed. */
  purging?: PurgerTiming;
  /** Limits and breaker of what is sent to Google. */
  upstream?: Partial<UpstreamPolicyOptions>;
  /** How long a result of `/ready`, and the counts of `/metrics`, are reused. */
  readyCache?: CacheTimes;
  countsCache?: CacheTimes;
  /** How soon calendars are read that nobody asks about; null: never. */
  calendarWatch?: WatchTiming | null;
  now?: () => number;
};

export type Service = {
  app: FastifyInstance;
  /** Where the management paths have an address of their own. */
  management: FastifyInstance | undefined;
  db: Database;
  store: TokenStore;
};

/** Less than the usual 15 seconds between scrapes, so that each sees new counts; several scrapers cost one count. */
const countsCacheTimes: CacheTimes = { successMs: 14_000, failureMs: 2_000 };

/** Puts the parts together over a database, and listens. Closing the app closes everything else. */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const { googleTimeoutMs: timeoutMs, now = Date.now, timing, upstream } = options;
  const { readyCache, countsCache = countsCacheTimes, calendarWatch = defaultWatchTiming } = options;
  const logger = options.logger ?? createLogger(config.LOG_LEVEL);
  const storage = await openStorage({
    databaseUrl: config.DATABASE_URL,
    encryptionKeys: config.TOKEN_ENCRYPTION_KEY,
    logger,
    now,
  });
  const { db, store, activity } = storage;
  const failing = createFailingRefreshes(now);
  const metrics = createMetrics({
    countConnections: cacheBriefly(() => store.connections.countByState("google"), countsCache),
    oldestFailingRefresh: failing.oldest,
    onFault: (err) => logger.warn({ err }, "the connections couldn't be counted"),
    now,
  });
  const record = createRecorder(activity, logger);
  const service = assembleService(config, {
    storage,
    record,
    logger,
    createCalendar: createGoogleCalendar,
    observers: {
      toolCall: metrics.observeToolCall,
      calendar: (calendar) => observeCalendar(calendar, metrics.observeCalendarCall),
      refreshes: (refreshGrant) =>
        observeRefreshes(refreshGrant, { failing, countRefresh: metrics.countRefresh }),
    },
    timing,
    timeoutMs,
    refreshLeaseMs: options.refreshLeaseMs,
    purging: options.purging,
    upstream,
    calendarWatch: calendarWatch ?? undefined,
    now,
  });
  const deps: AppDeps = {
    ...service,
    logger,
    store,
    agentKeys: storage.agentKeys,
    activity,
    record,
    metrics,
    checkKeys: storage.checkKeys,
    serviceKey: config.CALENDAR_SERVICE_KEY,
    trustProxy: config.TRUST_PROXY,
    perMinute: {
      linkPages: config.LINK_PAGES_PER_MINUTE,
      mcpCalls: config.MCP_CALLS_PER_MINUTE,
      failedKeys: config.FAILED_KEYS_PER_MINUTE,
    },
    headerOnly: config.MCP_HEADER_ONLY,
    successUrl: config.OAUTH_SUCCESS_URL,
    readyCache,
    now,
  };
  const managementAddress = managementAddressOf(config);
  const app = await buildApp(deps, { managementApart: managementAddress !== undefined });
  const management = managementAddress && (await buildManagementApp(deps));
  app.addHook("onListen", () => {
    service.keepAlive.start();
    service.purger.start();
    service.calendarChecks.watch?.start();
  });
  app.addHook("preClose", async () => {
    const background = [service.keepAlive, service.purger, service.calendarChecks.watch];
    await Promise.all([...background.map((work) => work?.stop()), management?.close()]);
  });
  app.addHook("onClose", async () => {
    await service.finishRenewals();
    await service.heartbeat.stop();
    await db.destroy();
  });
  await service.heartbeat.start();
  try {
    // First, so that whoever finds the public address finds the other one too.
    await management?.listen(managementAddress);
    await app.listen({ host: config.MCP_HOST, port: config.MCP_PORT });
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, management, db, store };
}
