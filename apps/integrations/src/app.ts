import type { IncomingMessage } from "node:http";
import { createStateCookies } from "@cita/consent";
import {
  answerHeaders,
  connectionLimits,
  createLimiter,
  healthRoutes,
  jsonDepthLimit,
  type Limiter,
  logIncomingRequests,
  requestScope,
  serverOptions,
  warnOfUntrustedProxy,
} from "@cita/http";
import { createBrand, logoSources } from "@cita/http/brand";
import { countRequests, metricsRoutes } from "@cita/http/metrics";
import { KeysMissingError } from "@cita/token-store";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { createGuard, identifyCaller, requireServiceKey } from "./access/identify-caller.ts";
import { answerInEnvelope, answerUnroutable } from "./answers/envelope.ts";
import type { Config } from "./config.ts";
import { createIdentifyViewer } from "./live/identify-viewer.ts";
import { liveRoutes } from "./live/live-routes.ts";
import { integrationRoutes } from "./management/integration-routes.ts";
import { logRoutes } from "./management/log-routes.ts";
import { peopleEventRoutes } from "./management/people-event-routes.ts";
import { registryRoutes } from "./management/registry-routes.ts";
import { answerInPages } from "./oauth/answer-in-pages.ts";
import { callbackRoutes } from "./oauth/callback-routes.ts";
import { initiateRoutes } from "./oauth/initiate-routes.ts";
import { limitPages } from "./oauth/limit-pages.ts";
import { createPages } from "./oauth/pages.ts";
import { startRoutes } from "./oauth/start-routes.ts";
import { openApi } from "./openapi/openapi.ts";
import type { Services } from "./services.ts";
import { deliveryRoutes } from "./webhooks/delivery-routes.ts";
import { createWebhookAccess } from "./webhooks/webhook-access.ts";
import { webhookRoutes } from "./webhooks/webhook-routes.ts";

const databaseFailure = "The database doesn't answer.";
const keysFailure = "TOKEN_ENCRYPTION_KEY doesn't open what is stored.";

/** The integration service: accounts at any provider, from the consent to their end. Closing the app closes the services. */
export async function buildApp(services: Services, config: Config): Promise<FastifyInstance> {
  const { sharedCounts } = services;
  const failures = createLimiter({
    ...{ name: "wrong keys", perMinute: config.FAILED_KEYS_PER_MINUTE, sharedCounts },
  });
  const app = await createApp(services, config);
  await app.register(metricsRoutes, {
    ...{ metrics: services.metrics, serviceKey: config.CALENDAR_SERVICE_KEY, failedKeys: failures },
  });
  await app.register(healthRoutes, {
    checks: [
      { check: services.integrations.check, failure: databaseFailure },
      {
        check: services.checkKeys,
        // The keys are compared with what is stored, and the database may have gone since the check before.
        failure: (error) => (error instanceof KeysMissingError ? keysFailure : databaseFailure),
      },
    ],
    readyCache: services.readyCache,
  });
  if (config.INTEGRATIONS_DOCS) await app.register(openApi, { publicUrl: services.publicUrl });
  await registerPages(app, services, config);
  await registerApi(app, services, config, failures);
  await registerLive(app, services, config, failures);
  app.addHook("onListen", async () => services.startBackground());
  app.addHook("preClose", async () => void (await services.stopBackground()));
  app.addHook("onClose", () => services.close());
  return app;
}

/** What programs call. */
async function registerApi(
  app: FastifyInstance,
  services: Services,
  config: Config,
  failures: Limiter,
): Promise<void> {
  const guard = createGuard(services.people);
  await app.register(async (api) => {
    await api.register(jsonDepthLimit);
    await api.register(identifyCaller, {
      ...{ adminKey: config.ADMIN_API_KEY, serviceKey: config.CALENDAR_SERVICE_KEY, failures },
      verifyAccessToken: services.verifyAccessToken,
    });
    await api.register(requestScope);
    await api.register(registryRoutes, { registry: services.registry });
    await api.register(initiateRoutes, {
      ...{ ...services, guard, allowedRedirectUris: config.ALLOWED_REDIRECT_URIS },
    });
    await api.register(integrationRoutes, { ...services, guard });
    await api.register(logRoutes, { ...services, guard });
    const access = createWebhookAccess({ ...services, guard });
    await api.register(webhookRoutes, { ...services, access, allowPrivate: config.WEBHOOK_ALLOW_PRIVATE });
    await api.register(deliveryRoutes, { ...services, access });
  });
  await app.register(async (internal) => {
    await internal.register(jsonDepthLimit);
    await requireServiceKey(internal, config.CALENDAR_SERVICE_KEY);
    await internal.register(peopleEventRoutes, services);
  });
}

/** What people's browsers and programs watch. */
async function registerLive(
  app: FastifyInstance,
  services: Services,
  config: Config,
  failures: Limiter,
): Promise<void> {
  const { people, feed, belongsToOfViewers: belongsTo, verifyAccessToken, publicUrl } = services;
  const { ADMIN_PUBLIC_URL: adminPublicUrl, ALLOWED_REDIRECT_URIS: redirectUris } = config;
  await app.register(async (scope) => {
    await scope.register(cookie);
    const identifyViewer = await createIdentifyViewer(scope, {
      ...{ adminKey: config.ADMIN_API_KEY, serviceKey: config.CALENDAR_SERVICE_KEY, verifyAccessToken },
      ...{ people, adminPublicUrl, failures },
      allowedOrigins: new Set(
        [publicUrl, adminPublicUrl, ...redirectUris]
          .map((url) => new URL(url).origin)
          // Of an app's own scheme, and what pages without an origin send.
          .filter((origin) => origin !== "null"),
      ),
    });
    await scope.register(liveRoutes, { feed, identifyViewer, people, belongsTo });
  });
}

/** What people's browsers open, and the stores of WooCommerce call. */
async function registerPages(app: FastifyInstance, services: Services, config: Config): Promise<void> {
  const { publicUrl, sharedCounts, now } = services;
  const brand = createBrand(config);
  const pages = createPages(brand);
  const cookies = createStateCookies({ secure: publicUrl.startsWith("https:"), now });
  const limit = createLimiter({ name: "consents", perMinute: config.CONSENTS_PER_MINUTE, sharedCounts });
  await app.register(async (scope) => {
    await scope.register(formbody, { bodyLimit: 8_192 });
    await scope.register(cookie);
    await scope.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          styleSrc: [pages.styleHash],
          imgSrc: ["data:", ...logoSources(brand)],
          // Chromium applies it to the redirect after a form post, which may go to any provider or shop.
          formAction: ["'self'", "https:", ...(config.PROVIDER_HOSTS_AT ? [config.PROVIDER_HOSTS_AT] : [])],
          frameAncestors: ["'none'"],
          baseUri: ["'none'"],
        },
      },
      frameguard: { action: "deny" },
      referrerPolicy: { policy: "no-referrer" },
      hsts: publicUrl.startsWith("https:") && { maxAge: 31_536_000 },
    });
    await scope.register(answerInPages, { pages });
    await scope.register(limitPages, { limit, pages });
    const shared = { ...services, cookies, pages, operator: brand.name };
    await scope.register(startRoutes, shared);
    await scope.register(callbackRoutes, shared);
  });
}

async function createApp({ logger, metrics, publicUrl }: Services, config: Config): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger;
  const options = serverOptions(config.TRUST_PROXY);
  // Each of a userId's 200 characters may be escaped by three.
  const routerOptions = { ...options.routerOptions, maxParamLength: 600 };
  // Clients of HTTP/2 offer to upgrade to it with any request, which is answered in HTTP/1.1 then (RFC 9110, 7.8).
  const http = { ...options.http, shouldUpgradeCallback: isWebSocket };
  const app = fastify({ ...options, http, routerOptions, loggerInstance, frameworkErrors: answerUnroutable });
  answerInEnvelope(app);
  await app.register(connectionLimits);
  await app.register(logIncomingRequests);
  await app.register(answerHeaders, { publicUrl });
  await app.register(warnOfUntrustedProxy, { trusted: config.TRUST_PROXY !== false });
  await app.register(countRequests, { metrics });
  return app;
}

function isWebSocket({ headers, url = "" }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket" && /^\/ws\/?(?:\?|$)/.test(url);
}
