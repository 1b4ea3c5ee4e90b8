import type { AgentKeyStore } from "@cita/agent-keys";
import { createAgentKeyVerifier } from "@cita/agent-keys";
import { consentRoutes } from "@cita/consent";
import {
  addressOf,
  answerErrors,
  answerHeaders,
  answerUnroutable,
  type CacheTimes,
  connectionLimits,
  createLimiter,
  healthRoutes,
  type ReadyCheck,
  registerLimits,
  requestLines,
  requestScope,
  serverOptions,
  warnOfUntrustedProxy,
  zodCompilers,
} from "@cita/http";
import { countRequests, metricsRoutes } from "@cita/http/metrics";
import { createAuthorizer, mcpRoutes } from "@cita/mcp-endpoint";
import type { TrustedProxies } from "@cita/process";
import type { TokenStore } from "@cita/token-store";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import type { ActivityLog } from "./activity/activity-log.ts";
import { recordAgentKeys } from "./activity/agent-key-activity.ts";
import type { RecordActivity } from "./activity/recorder.ts";
import { recordSchedules } from "./activity/schedule-activity.ts";
import type { AssembledService } from "./assemble-service.ts";
import { createCustomerActivity } from "./management/activity.ts";
import { createManagedAgentKeys } from "./management/agent-keys.ts";
import { managementRoutes } from "./management/routes.ts";
import type { Metrics } from "./metrics/metrics.ts";

export type AppDeps = AssembledService & {
  logger: FastifyBaseLogger;
  store: TokenStore;
  agentKeys: AgentKeyStore;
  activity: ActivityLog;
  record: RecordActivity;
  metrics: Metrics;
  /** @throws when no configured key opens what is stored. */
  checkKeys: ReadyCheck["check"];
  serviceKey: string;
  headerOnly: boolean;
  trustProxy: TrustedProxies;
  perMinute: RequestLimits;
  successUrl?: string;
  /** How long a result of `/ready` is reused. */
  readyCache?: CacheTimes;
  now: () => number;
};

/** How many requests a minute are taken, of each address or each customer. */
export type RequestLimits = { linkPages: number; mcpCalls: number; failedKeys: number };

/**
 * The calendar service, in the order of the flow: consent, management, tools for agents.
 * @param managementApart whether the management paths and `/metrics` are left to `buildManagementApp`.
 */
export async function buildApp(
  deps: AppDeps,
  { managementApart = false }: { managementApart?: boolean } = {},
): Promise<FastifyInstance> {
  const { createServer, writeInstructions, sweeper, store, record, now } = deps;
  const { linkPages, mcpCalls, failedKeys } = deps.perMinute;
  const { publicUrl } = deps.google;

  const app = await createApp(deps);
  app.addHook("onListen", () => sweeper.start());
  app.addHook("preClose", () => sweeper.stop());
  await app.register(consentRoutes, {
    store,
    google: deps.google,
    identity: deps.identity,
    record,
    limits: {
      linkPages: createLimiter(app, { perMinute: linkPages }),
      returns: createLimiter(app, { perMinute: linkPages }),
    },
    successUrl: deps.successUrl,
    onConnected: deps.noteStranded,
    tryConnection: deps.calendarChecks.readFirst,
    now,
  });
  const authorize = createAuthorizer({
    verifyBearer: createAgentKeyVerifier({ keys: deps.agentKeys, logger: deps.logger, now }),
    headerOnly: deps.headerOnly,
    logger: deps.logger,
    // Wrong agent keys are counted apart from wrong service keys.
    failures: createLimiter(app, { perMinute: failedKeys }),
  });
  await app.register(mcpRoutes, {
    createServer,
    authorize,
    writeInstructions,
    hasConflictingIds: deps.ledger.hasConflictingIds,
    limit: createLimiter(app, {
      perMinute: mcpCalls,
      callerOf: (request) => request.customerId ?? `address ${addressOf(request)}`,
    }),
    publicUrl,
  });
  if (!managementApart) await registerManagement(app, deps);
  await registerHealth(app, deps);
  return app;
}

/** What admin-api and Prometheus ask of the calendar service, for an address of its own. */
export async function buildManagementApp(deps: AppDeps): Promise<FastifyInstance> {
  const app = await createApp(deps);
  await registerManagement(app, deps);
  await registerHealth(app, deps);
  return app;
}

/** What stands in front of every route. */
async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const app = fastify({
    ...serverOptions(deps.trustProxy),
    schemaController: zodCompilers,
    loggerInstance: deps.logger,
    frameworkErrors: answerUnroutable,
  });
  answerErrors(app);
  await app.register(connectionLimits);
  await app.register(requestLines);
  await app.register(answerHeaders, { publicUrl: deps.google.publicUrl });
  await app.register(warnOfUntrustedProxy, { trusted: deps.trustProxy !== false });
  await app.register(requestScope);
  await app.register(countRequests, { metrics: deps.metrics });
  await registerLimits(app);
  return app;
}

async function registerManagement(app: FastifyInstance, deps: AppDeps): Promise<void> {
  const { connections, schedules, bookings, record, metrics, serviceKey, now } = deps;
  const wrongKeys = createLimiter(app, { perMinute: deps.perMinute.failedKeys });
  await app.register(managementRoutes, {
    connections,
    schedules: recordSchedules(schedules, record),
    bookings,
    attendees: deps.attendees,
    removeCustomer: deps.removeCustomer,
    activity: createCustomerActivity(deps.activity),
    agentKeys: createManagedAgentKeys({ keys: recordAgentKeys(deps.agentKeys, record), now }),
    serviceKey,
    failedKeys: wrongKeys,
  });
  await app.register(metricsRoutes, { metrics, serviceKey, failedKeys: wrongKeys });
}

async function registerHealth(app: FastifyInstance, deps: AppDeps): Promise<void> {
  const { store, ledger, checkKeys, readyCache } = deps;
  const checkDatabase = async () => {
    await store.check();
    await ledger.check();
  };
  await app.register(healthRoutes, {
    checks: [
      { check: checkDatabase, failure: "The database doesn't answer." },
      { check: checkKeys, failure: "TOKEN_ENCRYPTION_KEY doesn't open what is stored." },
    ],
    readyCache,
  });
}
