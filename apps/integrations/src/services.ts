import { createCalendarApiClient } from "@cita/calendar-api";
import { connectionUse, type Database, openDatabase } from "@cita/database";
import { createGuardedSend, type Lookup } from "@cita/egress";
import { openEventLog } from "@cita/events";
import type { CacheTimes } from "@cita/http";
import { createServiceMetrics } from "@cita/http/metrics";
import { createLogger, type Logger } from "@cita/process";
import {
  type AccountProvider,
  accountProviders,
  createAccountClients,
  sendByFetch,
} from "@cita/providers/accounts";
import { openSharedCounts } from "@cita/shared-counts";
import { createKeyRing, expectKeys, KeysMissingError } from "@cita/token-store";
import { createPeopleApi } from "./access/people-api.ts";
import { createVerifyAccessToken } from "./access/verify-access-token.ts";
import { type Config, serviceName } from "./config.ts";
import { opensIntegrations } from "./integrations/integration-keys.ts";
import { createIntegrationTokens } from "./integrations/integration-tokens.ts";
import { openIntegrationStores } from "./integrations/open-integration-stores.ts";
import { createBatchedMemberships } from "./live/batched-memberships.ts";
import { createLiveFeed } from "./live/live-feed.ts";
import { createIntegrationChecks } from "./maintenance/check-integration.ts";
import { createDisconnect } from "./maintenance/disconnect.ts";
import { budgetWindowMs, createMaintenanceLoops } from "./maintenance/maintenance-loops.ts";
import { openProviderBudgets } from "./maintenance/provider-budgets.ts";
import { createRenewIntegration } from "./maintenance/renew-at-provider.ts";
import { createRenewNow } from "./maintenance/renew-now.ts";
import { explainLoss } from "./maintenance/sentences.ts";
import { describeIntegrations } from "./metrics/integration-gauge.ts";
import { createRegistry } from "./registry/registry.ts";
import { createHousekeeping } from "./retention/housekeeping.ts";
import { openPurgeEvents } from "./retention/passing-events.ts";
import { createRemoveOwner } from "./retention/remove-owner.ts";
import { createWebhookLoops, openWebhookStores, type WebhookTiming } from "./webhooks/create-webhooks.ts";
import { createSealedSecrets } from "./webhooks/webhook-keys.ts";
import { describeWebhooks } from "./webhooks/webhook-metrics.ts";

/** What a test sets besides the configuration. */
export type Overrides = {
  readonly logger?: Logger | undefined;
  /** The providers that there are. Default: the registry. */
  readonly providers?: readonly AccountProvider[] | undefined;
  /** How long one request to a provider may take, in milliseconds. */
  readonly providerTimeoutMs?: number | undefined;
  /** How long a result of `/ready` is reused. */
  readonly readyCache?: CacheTimes | undefined;
  /** Between two rounds of renewals and probes, in milliseconds. */
  readonly roundMs?: number | undefined;
  readonly webhookTiming?: Partial<WebhookTiming> | undefined;
  /** How the hosts of receivers are looked up. Default: as the machine does. */
  readonly lookup?: Lookup | undefined;
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
};

export type Services = Awaited<ReturnType<typeof createServices>>;

/**
 * Opens the database and wires the service.
 * @throws KeysMissingError, DatabaseError
 */
export async function createServices(config: Config, overrides: Overrides = {}) {
  const { logger = createLogger(config.LOG_LEVEL), now = Date.now, providers = accountProviders } = overrides;
  const publicUrl = config.INTEGRATIONS_PUBLIC_URL;
  const db = openDatabase(config.INTEGRATIONS_DATABASE_URL, { service: serviceName });
  const stores = await openStores(db, config, { logger, now });
  const { integrations, syncLogs } = stores;
  const guarded = createGuardedSend({});
  const clients = createAccountClients({
    ...{ providers, configured: config.accounts, now },
    redirectUri: (id) => `${publicUrl}/integrations/oauth/callback/${id}`,
    senders: {
      ...{ toProvider: sendByFetch, toNamedHost: guarded.send, hostsAt: config.PROVIDER_HOSTS_AT },
      timeoutMs: overrides.providerTimeoutMs ?? 5_000,
    },
  });
  const tokens = createIntegrationTokens({
    ...{ integrations, now, renewIntegration: createRenewIntegration(clients) },
    explainLoss: ({ provider }, reason) =>
      explainLoss(
        providers.find(({ id }) => id === provider) ?? { name: provider, accessPage: null },
        reason,
      ),
    onEarlyFailure: (err, id) =>
      logger.warn({ err, integration_id: id }, "an access could not be renewed early"),
  });
  const checks = createIntegrationChecks({ integrations, syncLogs, clients, tokens, now });
  const calendarApi = createCalendarApiClient({
    ...{ baseUrl: config.CALENDAR_URL, serviceKey: config.CALENDAR_SERVICE_KEY },
  });
  const disconnect = createDisconnect({ integrations, clients, calendarApi, logger, now });
  const metrics = createServiceMetrics({ connectionUse: () => connectionUse(db) });
  describeIntegrations(metrics, integrations);
  const receivers = createReceivers(config, overrides);
  const background = [
    ...createMaintenanceLoops({ ...stores, clients, checks, logger, now, everyMs: overrides.roundMs }),
    createHousekeeping({ ...stores, logger, now, retentionDays: config.RETENTION_DAYS }),
    ...createWebhookLoops({
      ...{ ...stores, db, logger, now, guarded: receivers, timing: overrides.webhookTiming },
      ...{ retryScale: config.WEBHOOK_RETRY_SCALE, onConcluded: describeWebhooks(metrics, stores) },
      calendarApi,
    }),
  ];
  return {
    ...{ ...stores, publicUrl, now, logger, tokens, metrics },
    registry: createRegistry(providers, clients),
    renewNow: createRenewNow({ integrations, clients, checks }),
    disconnect,
    removeOwner: createRemoveOwner({ ...stores, db, disconnect }),
    ...createAccess(config, now),
    feed: createLiveFeed({
      ...stores,
      onFailure: (err) => logger.warn({ err }, "whoever watches can't be told of events for now"),
    }),
    readyCache: overrides.readyCache,
    /** Starts renewing, probing, purging and telling webhooks. */
    startBackground() {
      for (const one of background) one.start();
    },
    async stopBackground() {
      await Promise.all(background.map((one) => one.stop()));
      await tokens.finishRenewals();
    },
    async close() {
      await guarded.close();
      await receivers.close();
      await stores.sharedCounts.stop();
      await db.destroy();
    },
  };
}

/** Many customers may have their receivers at one host. */
const maxSocketsPerReceiver = 256;

/** The client for receivers of webhooks. */
function createReceivers({ WEBHOOK_ALLOW_PRIVATE: allowPrivate }: Config, { lookup }: Overrides) {
  return createGuardedSend({
    ...{ allowPrivate, maxSocketsPerHost: maxSocketsPerReceiver },
    ...(lookup !== undefined && { lookup }),
  });
}

/** Who calls, and who belongs to whom: admin-api knows. */
function createAccess(config: Config, now: () => number) {
  const adminUrl = config.ADMIN_URL;
  const people = createPeopleApi({ adminUrl, serviceKey: config.CALENDAR_SERVICE_KEY });
  return {
    verifyAccessToken: createVerifyAccessToken({ adminUrl, issuer: config.ADMIN_PUBLIC_URL, now }),
    people,
    /** Of those who watch the same event. */
    belongsToOfViewers: createBatchedMemberships(people),
  };
}

async function openStores(
  db: Database,
  config: Config,
  { logger, now }: { readonly logger: Logger; readonly now: () => number },
) {
  try {
    const events = await openEventLog({ db, logger, now });
    const keys = createKeyRing(config.TOKEN_ENCRYPTION_KEY);
    const stores = await openIntegrationStores({ db, keys, events, now: () => new Date(now()) });
    const webhookStores = await openWebhookStores({ db, keys, events, now });
    const sealed = createSealedSecrets({ db, keys });
    expectKeys(await sealed.check(), logger);
    const purgeEvents = await openPurgeEvents(db);
    const budgets = await openProviderBudgets(db, { windowMs: budgetWindowMs, now });
    const sharedCounts = await openSharedCounts({ db, logger });
    /** @throws KeysMissingError where the keys open nothing of what is stored: they were rotated by others meanwhile. */
    const checkKeys = async () => {
      if (!(await opensIntegrations({ db, keys })))
        throw new KeysMissingError((await sealed.check()).missing);
    };
    return { ...stores, ...webhookStores, events, purgeEvents, budgets, sharedCounts, checkKeys };
  } catch (error) {
    // Its connections would keep the process from ending.
    await db.destroy();
    throw error;
  }
}
