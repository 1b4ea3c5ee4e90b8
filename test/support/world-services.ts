import type { Logger } from "@cita/process";
import type { Provider } from "@cita/providers";
import type { Test } from "tap";
import { buildApp as buildAdminApi } from "../../apps/admin-api/src/app.ts";
import { configSchema as adminConfigSchema } from "../../apps/admin-api/src/config.ts";
import { createServices as createAdminServices } from "../../apps/admin-api/src/services.ts";
import type { BookingTiming } from "../../apps/mcp-calendar/src/bookings/sweeper.ts";
import type { WatchTiming } from "../../apps/mcp-calendar/src/calendar-states/calendar-watch.ts";
import type { CalendarOpeners } from "../../apps/mcp-calendar/src/calendars/open-calendars.ts";
import type { UpstreamPolicyOptions } from "../../apps/mcp-calendar/src/calendars/upstream/upstream-policy.ts";
import { createConfigSchema } from "../../apps/mcp-calendar/src/config.ts";
import type { PurgerTiming } from "../../apps/mcp-calendar/src/retention/purger.ts";
import { serve } from "../../apps/mcp-calendar/src/serve.ts";
import { createServices } from "../../apps/mcp-calendar/src/services.ts";
import { freePort } from "./free-port.ts";
import { adminKey, serviceKey } from "./test-keys.ts";
import type { TestedProvider } from "./tested-provider.ts";
import { createAgent } from "./world-callers.ts";

/** Tests let Google fail far more often than it does: only one that is about it meets the breaker. */
const calm: Partial<UpstreamPolicyOptions> = {
  failuresInARow: 100_000,
  unansweredInARow: 100_000,
  failingCustomers: 100_000,
  repeatAfterMs: 20,
};

/** What a test changes of either service. */
export type ServiceOptions = {
  timing?: BookingTiming;
  calendarOpeners?: CalendarOpeners;
  successUrl?: string;
  purging?: PurgerTiming;
  upstream?: Partial<UpstreamPolicyOptions>;
  requestTimeoutMs?: number;
  /** Off unless a test is about it: the clock of a test stands still. */
  cacheSeconds?: number;
  /** A service's reported state is cached for as long as outside of tests. */
  stateIsCached?: boolean;
  /** Off unless a test is about it: it would ask Google when the test doesn't expect it. */
  calendarWatch?: WatchTiming;
  /** Off unless a test is about it: admin-api would ask mcp-calendar when the test doesn't expect it. */
  followsEvents?: boolean;
  /** The clock of admin-api; default: the real one. */
  adminNow?: () => number;
  /** How long admin-api waits before it repeats a removal. Default: as in production. */
  repeatRemovalsAfterMs?: number;
  /** Others than in production. */
  providers?: readonly Provider[];
  /** Further variables, of either service. */
  variables?: Record<string, string>;
};

/** What both services are started with, at first and after a restart. */
export type ServiceParts = {
  options: ServiceOptions;
  logger: Logger;
  now: () => number;
  provider: TestedProvider;
  /** Where the provider is, and who our client there is. */
  providerVariables: Readonly<Record<string, string>>;
  encryptionKey: string;
  databases: { readonly mcp: string; readonly admin: string };
  mcpPort: number;
  mcpUrl: string;
  managementUrl: string;
};

/** Starts both services. They are closed with the test. */
export async function startServices(t: Pick<Test, "teardown">, parts: ServiceParts) {
  let mcp = await startMcpCalendar(parts);
  t.teardown(() => mcp.app.close());
  const adminPort = await freePort();
  let admin = await startAdminApi(parts, adminPort);
  t.teardown(() => admin.close());
  return {
    adminUrl: `http://127.0.0.1:${adminPort}`,
    get mcp() {
      return mcp;
    },
    get admin() {
      return admin;
    },
    async restart() {
      await Promise.all([mcp.app.close(), admin.close()]);
      mcp = await startMcpCalendar(parts);
      admin = await startAdminApi(parts, adminPort);
    },
    stopMcpCalendar: () => mcp.app.close(),
    /** Another calendar service over the same database, and its agents. Links lead to the first one. */
    async startAnother() {
      const port = await freePort();
      const another = await startMcpCalendar({ ...parts, mcpPort: port });
      t.teardown(() => another.app.close());
      const url = `http://127.0.0.1:${port}`;
      return { ...another, url, ...createAgent(url) };
    },
  };
}

/** How long what `GET /ready` and the metrics report may be cached. */
function stateCacheOf({ stateIsCached }: ServiceOptions) {
  return stateIsCached ? undefined : { successMs: 0, failureMs: 0 };
}

async function startMcpCalendar(parts: ServiceParts) {
  const { options, provider, logger, now, encryptionKey, databases, mcpPort, mcpUrl } = parts;
  const stateCache = stateCacheOf(options);
  const { providers = provider.definitions, calendarOpeners = provider.calendarOpeners } = options;
  const config = createConfigSchema(providers).parse({
    MCP_PORT: mcpPort,
    MCP_PUBLIC_URL: mcpUrl,
    CALENDAR_SERVICE_KEY: serviceKey,
    ...parts.providerVariables,
    TOKEN_ENCRYPTION_KEY: encryptionKey,
    DATABASE_URL: databases.mcp,
    OAUTH_SUCCESS_URL: options.successUrl,
    CALENDAR_CACHE_SECONDS: options.cacheSeconds ?? 0,
    // Otherwise a test is one address that plays all businesses and all of their agents.
    LINK_PAGES_PER_MINUTE: 100_000,
    MCP_CALLS_PER_MINUTE: 100_000,
    ...options.variables,
  });
  const services = await createServices(config, {
    logger,
    now,
    providers,
    timing: options.timing,
    calendarOpeners,
    purging: options.purging,
    requestTimeoutMs: options.requestTimeoutMs,
    upstream: options.upstream ?? calm,
    readyCache: stateCache,
    countsCache: stateCache,
    calendarWatch: options.calendarWatch ?? null,
  });
  const { clients, storage } = services;
  return { ...(await serve(services, config)), clients, db: storage.db, store: storage.store };
}

async function startAdminApi(parts: ServiceParts, port: number) {
  const { options, logger, databases, managementUrl } = parts;
  const config = adminConfigSchema.parse({
    ...parts.providerVariables,
    ADMIN_PORT: port,
    ADMIN_PUBLIC_URL: `http://127.0.0.1:${port}`,
    ADMIN_API_KEY: adminKey,
    ADMIN_DATABASE_URL: databases.admin,
    CALENDAR_URL: managementUrl,
    CALENDAR_SERVICE_KEY: serviceKey,
    ...options.variables,
  });
  const overrides = {
    logger,
    calendarTimeoutMs: 2_000,
    followsEvents: options.followsEvents ?? false,
    repeatRemovalsAfterMs: options.repeatRemovalsAfterMs,
    readyCache: stateCacheOf(options),
    now: options.adminNow,
  };
  const app = await buildAdminApi(await createAdminServices(config, overrides), config);
  await app.listen({ host: config.ADMIN_HOST, port });
  return app;
}
