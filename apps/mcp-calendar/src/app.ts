import {
  addressOf,
  answerHeaders,
  createLimiter,
  registerLimits,
  requestScope,
  serverOptions,
  warnOfUntrustedProxy,
} from "@cita/http";
import { countRequests, metricsRoutes } from "@cita/http/metrics";
import type { TrustedProxies } from "@cita/service";
import type { TokenStore } from "@cita/token-store";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import type { ActivityLog } from "./activity/activity-log.ts";
import { recordAgentKeys } from "./activity/agent-key-activity.ts";
import type { RecordActivity } from "./activity/recorder.ts";
import { recordSchedules } from "./activity/schedule-activity.ts";
import type { AgentKeyStore } from "./agent-keys/agent-key-store.ts";
import { createAgentKeyVerifier } from "./agent-keys/agent-key-verifier.ts";
import type { AssembledService } from "./assemble-service.ts";
import { consentRoutes } from "./consent/routes.ts";
import { healthRoutes, type ReadyCheck } from "./health.ts";
import { createCustomerActivity } from "./management/activity.ts";
import { createManagedAgentKeys } from "./management/agent-keys.ts";
import { createCustomerBookings } from "./management/bookings.ts";
import { managementRoutes } from "./management/routes.ts";
import { createAuthorizer } from "./mcp/authorize.ts";
import { mcpRoutes } from "./mcp/routes.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { answerErrors, answerUnroutable } from "./plugins/error-answers.ts";
import { zodCompilers } from "./plugins/zod-compilers.ts";

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
  now: () => number;
};

/** How many requests a minute are taken, of each address or each customer. */
export type RequestLimits = { linkPages: number; mcpCalls: number; failedKeys: number };

/** The calendar service, in the order of the flow: consent, management, tools for agents. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const {
    connections,
    schedules,
    ledger,
    createServer,
    businessDayOf,
    sweeper,
    store,
    record,
    metrics,
    now,
  } = deps;
  const { linkPages, mcpCalls, failedKeys } = deps.perMinute;
  const { publicUrl } = deps.google;

  const checkDatabase = async () => {
    await store.check();
    await ledger.check();
  };

  const app = fastify({
    ...serverOptions(deps.trustProxy),
    schemaController: zodCompilers,
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
    readFirst: deps.calendarChecks.readFirst,
    now,
  });
  await app.register(managementRoutes, {
    connections,
    schedules: recordSchedules(schedules, record),
    bookings: createCustomerBookings({ ledger, now }),
    activity: createCustomerActivity(deps.activity),
    agentKeys: createManagedAgentKeys({ keys: recordAgentKeys(deps.agentKeys, record), now }),
    serviceKey: deps.serviceKey,
    failedKeys: wrongKeys,
  });
  const authorize = createAuthorizer({
    verifyBearer: createAgentKeyVerifier({ keys: deps.agentKeys, logger: deps.logger, now }),
    headerOnly: deps.headerOnly,
    // Counted apart from those of the other doors: an agent must not lock out admin-api at the same address.
    failures: createLimiter(app, { perMinute: failedKeys }),
  });
  await app.register(mcpRoutes, {
    createServer,
    authorize,
    businessDayOf,
    limit: createLimiter(app, {
      perMinute: mcpCalls,
      callerOf: (request) => request.customerId ?? `address ${addressOf(request)}`,
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
