import { createAgentKeyVerifier } from "@cita/agent-keys";
import { consentRoutes } from "@cita/consent";
import {
  addressOf,
  answerErrors,
  answerHeaders,
  connectionLimits,
  createLimiter,
  healthRoutes,
  logIncomingRequests,
  requestScope,
  serverOptions,
  warnOfUntrustedProxy,
} from "@cita/http";
import { createBrand } from "@cita/http/brand";
import { countRequests, metricsRoutes } from "@cita/http/metrics";
import { createAuthorizer, mcpRoutes } from "@cita/mcp-endpoint";
import { KeysMissingError } from "@cita/token-store";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { type Config, managementAddressOf } from "./config.ts";
import { createCustomerActivity } from "./management/activity.ts";
import { createManagedAgentKeys } from "./management/agent-keys.ts";
import { managementRoutes } from "./management/routes.ts";
import type { Services } from "./services.ts";

/**
 * The calendar service: consent, `/mcp`, management and health. Where management has an address of its own, its paths and
 * `/metrics` are in `buildManagementApp` instead.
 */
export async function buildApp(services: Services, config: Config): Promise<FastifyInstance> {
  const app = await createApp(services, config);
  await registerConsent(app, services, config);
  await registerMcp(app, services, config);
  if (managementAddressOf(config) === undefined) await registerManagement(app, services, config);
  await registerHealth(app, services);
  return app;
}

/** The paths for admin-api and Prometheus, where they have an address of their own. */
export async function buildManagementApp(services: Services, config: Config): Promise<FastifyInstance> {
  const app = await createApp(services, config);
  await registerManagement(app, services, config);
  await registerHealth(app, services);
  return app;
}

/** An app with the plugins that all routes share. */
async function createApp({ logger, publicUrl, metrics }: Services, config: Config): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger;
  const app = fastify({ ...serverOptions(config.TRUST_PROXY), loggerInstance });
  answerErrors(app);
  await app.register(connectionLimits);
  await app.register(logIncomingRequests);
  await app.register(answerHeaders, { publicUrl });
  await app.register(warnOfUntrustedProxy, { trusted: config.TRUST_PROXY !== false });
  await app.register(requestScope);
  await app.register(countRequests, { metrics });
  return app;
}

async function registerConsent(app: FastifyInstance, services: Services, config: Config): Promise<void> {
  const { storage, sharedCounts, clients, publicUrl, now } = services;
  const perMinute = config.LINK_PAGES_PER_MINUTE;
  await app.register(consentRoutes, {
    ...{ store: storage.store, clients, publicUrl, now },
    limits: {
      linkPages: createLimiter({ name: "link pages", perMinute, sharedCounts }),
      callbacks: createLimiter({ name: "callbacks", perMinute, sharedCounts }),
    },
    successUrl: config.OAUTH_SUCCESS_URL,
    tryConnection: services.tryConnection,
    findObstacle: services.findObstacle,
    findLanguage: services.findLanguage,
    brand: createBrand(config),
  });
}

async function registerMcp(app: FastifyInstance, services: Services, config: Config): Promise<void> {
  const { storage, sharedCounts, logger, now } = services;
  const authorize = createAuthorizer({
    verifyBearer: createAgentKeyVerifier({ keys: storage.agentKeys, logger, now }),
    headerOnly: config.MCP_HEADER_ONLY,
    publicUrl: services.publicUrl,
    logger,
    // Wrong agent keys are counted apart from wrong service keys.
    failures: createLimiter({
      name: "wrong agent keys",
      perMinute: config.FAILED_KEYS_PER_MINUTE,
      sharedCounts,
    }),
  });
  await app.register(mcpRoutes, { ...mcpOptions(services, config), authorize });
}

/** The endpoint that agents call, whoever says which customer's they are. */
function mcpOptions({ sharedCounts, ...services }: Services, config: Config) {
  return {
    createServer: services.createMcpServer,
    tools: services.tools,
    writeInstructions: services.writeInstructions,
    hasConflictingIds: services.ledger.hasConflictingIds,
    limit: createLimiter({
      name: "calls",
      perMinute: config.MCP_CALLS_PER_MINUTE,
      sharedCounts,
      callerOf: (request) => request.customerId ?? `address ${addressOf(request)}`,
    }),
  };
}

async function registerManagement(app: FastifyInstance, services: Services, config: Config): Promise<void> {
  const { storage, connections, schedules, previewSchedule, bookings, readAgenda } = services;
  const { attendees, removeCustomer } = services;
  const { metrics, explainLoss, explainState, sharedCounts, now } = services;
  const { events, store, agentKeys } = storage;
  const serviceKey = config.CALENDAR_SERVICE_KEY;
  const failedKeys = createLimiter({
    name: "wrong service keys",
    perMinute: config.FAILED_KEYS_PER_MINUTE,
    sharedCounts,
  });
  await app.register(managementRoutes, {
    ...{ connections, schedules, previewSchedule, bookings, readAgenda, attendees, removeCustomer },
    ...{ events, serviceKey, failedKeys, mcp: mcpOptions(services, config) },
    findLanguage: services.findLanguage,
    removedCustomers: storage.removedCustomers,
    activity: createCustomerActivity({ events, store, agentKeys, explainLoss, explainState }),
    agentKeys: createManagedAgentKeys({ keys: agentKeys, now }),
  });
  await app.register(metricsRoutes, { metrics, serviceKey, failedKeys });
}

const databaseFailure = "The database doesn't answer.";
const keysFailure = "TOKEN_ENCRYPTION_KEY doesn't open what is stored.";

async function registerHealth(
  app: FastifyInstance,
  { storage, ledger, readyCache }: Services,
): Promise<void> {
  const checkDatabase = async () => {
    await storage.store.check();
    await ledger.check();
  };
  await app.register(healthRoutes, {
    checks: [
      { check: checkDatabase, failure: databaseFailure },
      {
        check: storage.checkKeys,
        // The keys are compared with what is stored, and the database may have gone since the check before.
        failure: (error) => (error instanceof KeysMissingError ? keysFailure : databaseFailure),
      },
    ],
    readyCache,
  });
}
