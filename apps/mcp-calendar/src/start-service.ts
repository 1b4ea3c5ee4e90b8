import { type Database, openDatabase } from "@cita/database";
import { createLogger, type Logger } from "@cita/service";
import {
  type CustomerKey,
  checkKeys,
  createAccessTokens,
  createKeepAlive,
  createKeyRing,
  openTokenStore,
  type TokenStore,
} from "@cita/token-store";
import type { FastifyInstance } from "fastify";
import { openActivityLog } from "./activity/open-activity-log.ts";
import { createRecorder } from "./activity/recorder.ts";
import { openAgentKeyStore } from "./agent-keys/agent-key-store.ts";
import { buildApp } from "./app.ts";
import type { BookingTiming } from "./bookings/booking-timing.ts";
import { openLedger } from "./bookings/ledger.ts";
import { createGoogleCalendar } from "./calendars/google-calendar.ts";
import { createUpstreamPolicy, type UpstreamPolicyOptions } from "./calendars/upstream-policy.ts";
import type { Config } from "./config.ts";
import { createGoogleIdentity } from "./consent/google-identity.ts";
import { noticeLostConnections } from "./consent/lost-connections.ts";
import { createReconnectLinks } from "./consent/reconnect-links.ts";
import { expectKeys, KeysMissingError } from "./key-check.ts";
import { createFailingRefreshes } from "./metrics/failing-refreshes.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { observeCalendar } from "./metrics/observed-calendar.ts";
import { observeRefreshes } from "./metrics/observed-refreshes.ts";
import { openHolidays } from "./schedules/holidays.ts";
import { openScheduleStore } from "./schedules/schedule-store.ts";
import { createSchedules } from "./schedules/schedules.ts";

/** Google counts its minutes otherwise than we do. */
const ownShare = 0.9;

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
  now?: () => number;
};

export type Service = { app: FastifyInstance; db: Database; store: TokenStore };

/** Puts the parts together over a database, and listens. Closing the app closes the database. */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const { googleTimeoutMs: timeoutMs, now = Date.now, timing } = options;
  const logger = options.logger ?? createLogger(config.LOG_LEVEL);
  const db = openDatabase(config.DATABASE_URL);
  const keys = createKeyRing(config.TOKEN_ENCRYPTION_KEY);
  const sealed = { db, keys, now: () => new Date(now()) };
  const store = await openTokenStore(sealed);
  expectKeys(await checkKeys(sealed), logger);
  const google = {
    clientId: config.GOOGLE_CLIENT_ID,
    clientSecret: config.GOOGLE_CLIENT_SECRET,
    authorizationUrl: config.GOOGLE_AUTHORIZATION_URL,
    tokenUrl: config.GOOGLE_TOKEN_URL,
    revocationUrl: config.GOOGLE_REVOCATION_URL,
    scopes: config.GOOGLE_SCOPES,
    publicUrl: config.MCP_PUBLIC_URL,
  };
  const identity = createGoogleIdentity({ ...google, timeoutMs, now });
  const onFailure = (err: unknown, key?: CustomerKey) =>
    logger.warn({ err, customer_id: key?.customerId }, "an access couldn't be renewed ahead of time");
  const failing = createFailingRefreshes(now);
  const metrics = createMetrics({
    countConnections: () => store.connections.countByState("google"),
    oldestFailingRefresh: failing.oldest,
    onFault: (err) => logger.warn({ err }, "the connections couldn't be counted"),
    now,
  });
  const activity = await openActivityLog({ db, now });
  const record = createRecorder(activity, logger);
  const linkLifetimeMs = config.CONSENT_LINK_DAYS * 86_400_000;
  const reconnectLinks = createReconnectLinks({
    consentLinks: store.consentLinks,
    record,
    lifetimeMs: linkLifetimeMs,
  });
  const accessTokens = createAccessTokens({
    connections: noticeLostConnections(store.connections, { record, reconnectLinks, logger }),
    refreshGrant: observeRefreshes(identity.refresh, { failing, countRefresh: metrics.countRefresh }),
    onEarlyFailure: onFailure,
    leaseMs: options.refreshLeaseMs,
    now,
  });
  const keepAlive = createKeepAlive({ connections: store.connections, accessTokens, onFailure, now });
  const holidays = openHolidays();
  const app = await buildApp({
    logger,
    store,
    ledger: await openLedger({ db, now }),
    schedules: createSchedules({ store: await openScheduleStore({ db, now }), holidays }),
    holidays,
    calendar: observeCalendar(
      createGoogleCalendar({
        accessTokens,
        apiUrl: config.GOOGLE_API_URL,
        timeoutMs,
        policy: createUpstreamPolicy({
          perCustomer: ownShare * config.GOOGLE_USER_QUOTA,
          perProject: ownShare * config.GOOGLE_PROJECT_QUOTA,
          ...options.upstream,
        }),
        now,
      }),
      metrics.observeCalendarCall,
    ),
    agentKeys: await openAgentKeyStore({ db, now }),
    readingAgeMs: config.CALENDAR_CACHE_SECONDS * 1_000,
    identity,
    google: { ...google, timeoutMs },
    activity,
    record,
    metrics,
    async checkKeys() {
      const { opens, missing } = await checkKeys(sealed);
      if (opens === "nothing") throw new KeysMissingError(missing);
    },
    serviceKey: config.CALENDAR_SERVICE_KEY,
    trustProxy: config.TRUST_PROXY,
    perMinute: {
      linkPages: config.LINK_PAGES_PER_MINUTE,
      mcpCalls: config.MCP_CALLS_PER_MINUTE,
      failedKeys: config.FAILED_KEYS_PER_MINUTE,
    },
    headerOnly: config.MCP_HEADER_ONLY,
    reconnectLinks,
    linkLifetimeMs,
    successUrl: config.OAUTH_SUCCESS_URL,
    timing,
    now,
  });
  app.addHook("onListen", () => keepAlive.start());
  app.addHook("preClose", () => keepAlive.stop());
  app.addHook("onClose", () => db.destroy());
  await app.listen({ host: config.MCP_HOST, port: config.MCP_PORT });
  return { app, db, store };
}
