import type { TokenStore } from "@cita/token-store";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { type BookingTiming, defaultTiming } from "./bookings/booking-timing.ts";
import type { Ledger } from "./bookings/ledger.ts";
import { createSweeper } from "./bookings/sweeper.ts";
import type { Calendar } from "./calendars/calendar.ts";
import { withRecentReadings } from "./calendars/recent-readings.ts";
import type { BrowserLegConfig } from "./consent/browser-leg.ts";
import type { GoogleIdentity } from "./consent/google-identity.ts";
import { consentRoutes } from "./consent/routes.ts";
import { healthRoutes } from "./health.ts";
import { createConnections } from "./management/connections.ts";
import { managementRoutes } from "./management/routes.ts";
import { mcpRoutes } from "./mcp/routes.ts";
import { createMcpServerFactory } from "./mcp-server.ts";
import { answerErrors, answerUnroutable } from "./plugins/error-answers.ts";
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
  /** How old the busy times may be that free slots are shown by. */
  readingAgeMs: number;
  identity: GoogleIdentity;
  google: BrowserLegConfig;
  serviceKey: string;
  headerOnly: boolean;
  linkLifetimeMs: number;
  successUrl?: string;
  timing?: BookingTiming;
  now?: () => number;
};

/** The calendar service, in the order of the flow: consent, management, tools for agents. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { store, ledger, identity, timing = defaultTiming, now = Date.now } = deps;
  const calendar = withRecentReadings(deps.calendar, deps.readingAgeMs);
  const connections = createConnections({
    store,
    identity,
    publicUrl: deps.google.publicUrl,
    linkLifetimeMs: deps.linkLifetimeMs,
  });
  const tools = createTools({
    calendar,
    ledger,
    holidays: deps.holidays,
    scheduleOf: deps.schedules.of,
    holdMs: timing.holdMs,
    now,
  });
  const createServer = createMcpServerFactory(tools, {
    isKnown: connections.isKnown,
    onFault: (error) => deps.logger.warn({ err: error }, "a tool call failed"),
  });

  const sweeper = createSweeper({
    ledger,
    calendar,
    logger: deps.logger,
    timing,
  });

  const app = fastify({
    loggerInstance: deps.logger,
    bodyLimit: 64 * 1024,
    return503OnClosing: true,
    frameworkErrors: answerUnroutable,
  });
  app.addHook("onListen", () => sweeper.start());
  app.addHook("preClose", () => sweeper.stop());
  answerErrors(app);
  await app.register(consentRoutes, { store, google: deps.google, successUrl: deps.successUrl, now });
  await app.register(managementRoutes, {
    connections,
    schedules: deps.schedules,
    serviceKey: deps.serviceKey,
  });
  await app.register(mcpRoutes, { createServer, headerOnly: deps.headerOnly });
  await app.register(healthRoutes, {
    checkReady: async () => {
      await store.check();
      await ledger.check();
    },
  });
  return app;
}
