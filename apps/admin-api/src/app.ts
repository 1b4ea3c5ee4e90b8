import {
  answerErrors,
  answerHeaders,
  connectionLimits,
  createLimiter,
  type ErrorAnswers,
  healthRoutes,
  jsonDepthLimit,
  logIncomingRequests,
  serverOptions,
  warnOfUntrustedProxy,
} from "@cita/http";
import { createBrand } from "@cita/http/brand";
import { countRequests, metricsRoutes } from "@cita/http/metrics";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { guardRoutes } from "./access/guard-routes.ts";
import { identifyCaller } from "./access/identify-caller.ts";
import { activityRoutes } from "./activity/routes.ts";
import { agentKeyRoutes } from "./agent-keys/routes.ts";
import { type Config, googleClientOf } from "./config.ts";
import { agendaRoutes } from "./customer-calendars/agenda-routes.ts";
import { customerBookingRoutes } from "./customer-calendars/booking-routes.ts";
import { personalDataRoutes } from "./customer-calendars/personal-data-routes.ts";
import { customerCalendarRoutes } from "./customer-calendars/routes.ts";
import { scheduleRoutes } from "./customer-calendars/schedule-routes.ts";
import { openApi } from "./openapi/openapi.ts";
import { ownPath } from "./panel/pages/sign-in/routes.ts";
import { createPanel, type Panel } from "./panel/panel.ts";
import { authRoutes } from "./people/auth-routes.ts";
import { internalRoutes } from "./people/internal-routes.ts";
import { peopleRoutes } from "./people/people-routes.ts";
import { streamTicketRoutes } from "./people/stream-ticket-routes.ts";
import { jwksRoutes } from "./people/tokens/jwks-routes.ts";
import type { Services } from "./services.ts";

/** Of each address, at links and tokens, which nobody guesses, but which cost something. */
const authRequestsPerMinute = 60;

/** The admins' service. Closing the app closes the services. */
export async function buildApp(services: Services, config: Config): Promise<FastifyInstance> {
  const { customers, customerList, customerStates, calendarApi, removals } = services;
  const { metrics, people, sharedCounts } = services;
  let panel: Panel | undefined;
  const app = await createApp(services, config, async (...call) => panel?.answerNotFound(...call));
  const failures = createLimiter({
    name: "wrong keys",
    perMinute: config.FAILED_KEYS_PER_MINUTE,
    sharedCounts,
  });
  await app.register(identifyCaller, {
    ...{ adminKey: config.ADMIN_API_KEY, sessions: people.sessions, cookies: services.cookies },
    verifyAccessToken: services.authentication.accessTokens.verify,
  });
  // Before `openApi`, so that these routes aren't in the API's documentation.
  await app.register(metricsRoutes, {
    metrics,
    serviceKey: config.CALENDAR_SERVICE_KEY,
    failedKeys: failures,
  });
  await app.register(internalRoutes, {
    ...people,
    ...{ serviceKey: config.CALENDAR_SERVICE_KEY, failedKeys: failures },
  });
  panel = await createPanel(app, {
    ...{ services, publicUrl: config.ADMIN_PUBLIC_URL, brand: createBrand(config) },
    hasGoogle: googleClientOf(config) !== undefined,
    limit: createLimiter({ name: "link pages", perMinute: authRequestsPerMinute, sharedCounts }),
  });
  await app.register(guardRoutes, {
    ...{ publicUrl: config.ADMIN_PUBLIC_URL, memberships: people.memberships, failures },
    ...{ answerNobody: panel.answerNobody, answerStaleForm: panel.answerStaleForm },
  });
  await app.register(healthRoutes, {
    checks: [
      { check: customers.check, failure: "The database doesn't answer." },
      { check: calendarApi.ready, failure: "The calendar service doesn't answer, or isn't ready." },
    ],
    readyCache: services.readyCache,
  });
  if (config.ADMIN_DOCS) await app.register(openApi, { publicUrl: config.ADMIN_PUBLIC_URL });
  await app.register(jwksRoutes, { signingKeys: services.authentication.signingKeys });
  await registerGoogle(app, services, config);
  await app.register(async (api) => {
    await api.register(jsonDepthLimit);
    await api.register(authRoutes, {
      ...services,
      limit: createLimiter({ name: "signing in", perMinute: authRequestsPerMinute, sharedCounts }),
    });
    await api.register(streamTicketRoutes, people);
    await api.register(peopleRoutes, { ...services, publicUrl: config.ADMIN_PUBLIC_URL });
    await api.register(customerCalendarRoutes, {
      ...{ customers, customerList, customerStates, calendarApi },
    });
    await api.register(scheduleRoutes, { customers, calendarApi });
    await api.register(customerBookingRoutes, { customers, calendarApi });
    await api.register(agendaRoutes, { customers, calendarApi });
    await api.register(personalDataRoutes, { customers, calendarApi, removals });
    await api.register(agentKeyRoutes, { customers, calendarApi });
    await api.register(activityRoutes, {
      customers,
      calendarApi,
      users: people.users,
      events: services.events,
    });
  });
  await app.register(panel.routes);
  app.addHook("onListen", async () => services.startBackground());
  app.addHook("preClose", async () => void (await services.stopBackground()));
  app.addHook("onClose", () => services.close());
  return app;
}

/** "Sign in with Google", where there is a client for it. */
async function registerGoogle(app: FastifyInstance, services: Services, config: Config): Promise<void> {
  const google = googleClientOf(config);
  if (google === undefined) return;
  const { people, signIn } = services;
  // Its libraries take 0.4 s and 30 MB to load.
  const { googleSignIn } = await import("./people/google-sign-in.ts");
  await app.register(googleSignIn, {
    ...{
      google,
      publicUrl: config.ADMIN_PUBLIC_URL,
      users: people.users,
      signIn,
      ownPath,
      now: services.now,
    },
  });
}

/** An app with the plugins that all routes share. */
async function createApp(
  { logger, metrics }: Services,
  config: Config,
  answerNotFound: NonNullable<ErrorAnswers["answerNotFound"]>,
): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger;
  const app = fastify({ ...serverOptions(config.TRUST_PROXY), loggerInstance });
  answerErrors(app, { answerNotFound });
  await app.register(connectionLimits);
  await app.register(logIncomingRequests);
  await app.register(answerHeaders, { publicUrl: config.ADMIN_PUBLIC_URL });
  await app.register(warnOfUntrustedProxy, { trusted: config.TRUST_PROXY !== false });
  await app.register(countRequests, { metrics });
  return app;
}
