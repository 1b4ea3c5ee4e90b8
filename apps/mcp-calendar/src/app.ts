import {
  addressOf,
  answerHeaders,
  createLimiter,
  registerLimits,
  requestScope,
  serverOptions,
  warnOfUntrustedProxy,
} from "@cita/http";
import type { TrustedProxies } from "@cita/service";
import type { TokenStore } from "@cita/token-store";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import type { ActivityLog } from "./activity/activity-log.ts";
import { recordAgentKeys } from "./activity/agent-key-activity.ts";
import { recordBookings } from "./activity/booking-activity.ts";
import type { RecordActivity } from "./activity/recorder.ts";
import { recordSchedules } from "./activity/schedule-activity.ts";
import type { AgentKeyStore } from "./agent-keys/agent-key-store.ts";
import { createAgentKeyVerifier } from "./agent-keys/agent-key-verifier.ts";
import { type BookingTiming, defaultTiming } from "./bookings/booking-timing.ts";
import type { Ledger } from "./bookings/ledger.ts";
import { createSweeper } from "./bookings/sweeper.ts";
import type { Calendar } from "./calendars/calendar.ts";
import { withKnownTimeZones } from "./calendars/known-time-zones.ts";
import { withRecentReadings } from "./calendars/recent-readings.ts";
import type { BrowserLegConfig } from "./consent/browser-leg.ts";
import type { GoogleIdentity } from "./consent/google-identity.ts";
import type { ReconnectLinks } from "./consent/reconnect-links.ts";
import { consentRoutes } from "./consent/routes.ts";
import { healthRoutes, type ReadyCheck } from "./health.ts";
import { createCustomerActivity } from "./management/activity.ts";
import { createManagedAgentKeys } from "./management/agent-keys.ts";
import { createCustomerBookings } from "./management/bookings.ts";
import { createConnections } from "./management/connections.ts";
import { managementRoutes } from "./management/routes.ts";
import { createAuthorizer } from "./mcp/authorize.ts";
import { createFindBusinessDay } from "./mcp/business-day.ts";
import { mcpRoutes } from "./mcp/routes.ts";
import { createMcpServerFactory } from "./mcp-server.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { countRequests } from "./metrics/request-counter.ts";
import { metricsRoutes } from "./metrics/routes.ts";
import { answerErrors, answerUnroutable } from "./plugins/error-answers.ts";
import { prompts } from "./prompts/prompts.ts";
import { createResources } from "./resources/resources.ts";
import type { Holidays } from "./schedules/holidays.ts";
import type { Schedules } from "./schedules/schedules.ts";
import { createTools } from "./tools/tools.ts";

export type AppDeps = {
  logger: FastifyBaseLogger;
  store: TokenStore;
  ledger: Ledger;
  schedules: Schedules;
  holidays: Holidays;
  calendar: Calendar;
  agentKeys: AgentKeyStore;
  /** How old the busy times may be that free slots are shown by. */
  readingAgeMs: number;
  identity: GoogleIdentity;
  google: BrowserLegConfig;
  activity: ActivityLog;
  record: RecordActivity;
  metrics: Metrics;
  /** @throws when no configured key opens what is stored. */
  checkKeys: ReadyCheck["check"];
  serviceKey: string;
  headerOnly: boolean;
  trustProxy: TrustedProxies;
  perMinute: RequestLimits;
  reconnectLinks: ReconnectLinks;
  linkLifetimeMs: number;
  successUrl?: string;
  timing?: BookingTiming;
  now?: () => number;
};

/** How many requests a minute are taken, of each address or each customer. */
export type RequestLimits = { linkPages: number; mcpCalls: number; failedKeys: number };

/** The calendar service, in the order of the flow: consent, management, tools for agents. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { store, identity, record, metrics, timing = defaultTiming, now = Date.now } = deps;
  const { linkPages, mcpCalls, failedKeys } = deps.perMinute;
  const { publicUrl } = deps.google;
  const ledger = recordBookings(deps.ledger, record);
  const zonedCalendar = withKnownTimeZones(deps.calendar);
  const calendar = withRecentReadings(zonedCalendar, deps.readingAgeMs);
  const connections = createConnections({
    store,
    identity,
    record,
    publicUrl,
    reconnectLinks: deps.reconnectLinks,
    linkLifetimeMs: deps.linkLifetimeMs,
  });
  const toolDeps = {
    calendar,
    ledger,
    holidays: deps.holidays,
    scheduleOf: deps.schedules.of,
    holdMs: timing.holdMs,
    now,
  };
  const createServer = createMcpServerFactory(
    createTools(toolDeps),
    { isKnown: connections.isKnown, observe: metrics.observeToolCall },
    { resources: createResources(toolDeps), prompts },
  );

  const checkDatabase = async () => {
    await store.check();
    await ledger.check();
  };

  const sweeper = createSweeper({
    ledger,
    calendar,
    logger: deps.logger,
    timing,
  });

  const app = fastify({
    ...serverOptions(deps.trustProxy),
    loggerInstance: deps.logger,
    frameworkErrors: answerUnroutable,
  });
  app.addHook("onListen", () => sweeper.start());
  app.addHook("preClose", () => sweeper.stop());
  answerErrors(app);
  await app.register(answerHeaders, { publicUrl });
  await app.register(warnOfUntrustedProxy, { trusted: deps.trustProxy !== false });
  await app.register(requestScope);
  await app.register(countRequests, { metrics });
  await registerLimits(app);
  const wrongKeys = createLimiter(app, { perMinute: failedKeys });
  await app.register(consentRoutes, {
    store,
    google: deps.google,
    record,
    limits: {
      linkPages: createLimiter(app, { perMinute: linkPages }),
      returns: createLimiter(app, { perMinute: linkPages }),
    },
    successUrl: deps.successUrl,
    now,
  });
  await app.register(managementRoutes, {
    connections,
    schedules: recordSchedules(deps.schedules, record),
    bookings: createCustomerBookings({ ledger, now }),
    activity: createCustomerActivity(deps.activity),
    agentKeys: createManagedAgentKeys({ keys: recordAgentKeys(deps.agentKeys, record), now }),
    serviceKey: deps.serviceKey,
    failedKeys: wrongKeys,
  });
  const authorizer = createAuthorizer({
    verifyBearer: createAgentKeyVerifier({ keys: deps.agentKeys, logger: deps.logger, now }),
    headerOnly: deps.headerOnly,
    // Counted apart from those of the other doors: an agent must not lock out admin-api at the same address.
    failures: createLimiter(app, { perMinute: failedKeys }),
  });
  await app.register(mcpRoutes, {
    createServer,
    authorizer,
    businessDayOf: createFindBusinessDay({
      scheduleOf: deps.schedules.of,
      knownTimeZoneOf: zonedCalendar.knownTimeZoneOf,
      logger: deps.logger,
      now,
    }),
    limit: createLimiter(app, {
      perMinute: mcpCalls,
      callerOf: (request) => authorizer.customerOf(request) ?? `address ${addressOf(request)}`,
    }),
    publicUrl,
  });
  await app.register(metricsRoutes, { metrics, serviceKey: deps.serviceKey, failedKeys: wrongKeys });
  await app.register(healthRoutes, {
    checks: [
      { check: checkDatabase, failure: "The database doesn't answer." },
      { check: deps.checkKeys, failure: "TOKEN_ENCRYPTION_KEY doesn't open what is stored." },
    ],
  });
  return app;
}
