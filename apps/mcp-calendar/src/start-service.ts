import type { Database } from "@cita/database";
import { createLogger, type Logger } from "@cita/service";
import type { TokenStore } from "@cita/token-store";
import type { FastifyInstance } from "fastify";
import { createRecorder } from "./activity/recorder.ts";
import { buildApp } from "./app.ts";
import { assembleService } from "./assemble-service.ts";
import type { BookingTiming } from "./bookings/booking-timing.ts";
import { defaultWatchTiming, type WatchTiming } from "./calendar-states/watch-calendars.ts";
import { createGoogleCalendar } from "./calendars/google-calendar.ts";
import type { UpstreamPolicyOptions } from "./calendars/upstream-policy.ts";
import type { Config } from "./config.ts";
import { createFailingRefreshes } from "./metrics/failing-refreshes.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { observeCalendar } from "./metrics/observed-calendar.ts";
import { observeRefreshes } from "./metrics/observed-refreshes.ts";
import { openStorage } from "./open-storage.ts";

/** What a test sets otherwise; nothing of it is configuration. */
export type ServiceOptions = {
  logger?: Logger;
  timing?: BookingTiming;
  /** How long one request to Google may take. */
  googleTimeoutMs?: number;
  /** How long a process that died keeps others from renewing a customer's access. */
  refreshLeaseMs?: number;
  /** Limits and breaker of what is sent to Google. */
  upstream?: Partial<UpstreamPolicyOptions>;
  /** How soon calendars are read that nobody asks about; null: never. */
  calendarWatch?: WatchTiming | null;
  now?: () => number;
};

export type Service = { app: FastifyInstance; db: Database; store: TokenStore };

/** Puts the parts together over a database, and listens. Closing the app closes the database. */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const {
    googleTimeoutMs: timeoutMs,
    now = Date.now,
    timing,
    upstream,
    calendarWatch = defaultWatchTiming,
  } = options;
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
    countConnections: () => store.connections.countByState("google"),
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
    upstream,
    calendarWatch: calendarWatch ?? undefined,
    now,
  });
  const app = await buildApp({
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
    now,
  });
  app.addHook("onListen", () => service.keepAlive.start());
  app.addHook("preClose", () => service.keepAlive.stop());
  app.addHook("onListen", () => service.calendarChecks.watch?.start());
  app.addHook("preClose", () => service.calendarChecks.watch?.stop());
  app.addHook("onClose", async () => {
    await service.finishRenewals();
    await db.destroy();
  });
  await app.listen({ host: config.MCP_HOST, port: config.MCP_PORT });
  return { app, db, store };
}
