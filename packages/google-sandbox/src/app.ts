import formbody from "@fastify/formbody";
import fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from "fastify";
import { createAccounts } from "./accounts.ts";
import { createCalendarAccess } from "./calendar/access.ts";
import { calendarRoutes } from "./calendar/events-routes.ts";
import { googleErrorForStatus } from "./calendar/google-error.ts";
import { createCallCount } from "./control/call-count.ts";
import { createFaults } from "./control/faults.ts";
import { interceptCalls } from "./control/interception.ts";
import { controlRoutes } from "./control/routes.ts";
import { authorizationEndpoint } from "./oauth/authorization-endpoint.ts";
import { createGrants } from "./oauth/grants.ts";
import { createIdTokenIssuer } from "./oauth/id-token.ts";
import { identityEndpoints } from "./oauth/identity-endpoints.ts";
import { OAuthError } from "./oauth/oauth-error.ts";
import { revocationEndpoint } from "./oauth/revocation-endpoint.ts";
import { tokenEndpoint } from "./oauth/token-endpoint.ts";

export type SandboxOptions = {
  /** The sandbox's clock, in epoch milliseconds. Default: the real one. */
  now?: () => number;
  /** A refresh answers with a new refresh token and ends the old one. Google doesn't; other providers do. Default: false. */
  rotateRefreshTokens?: boolean;
  /** Fastify's logger option. Default: false. Request URLs carry codes and tokens, so requests are never logged. */
  logger?: FastifyServerOptions["logger"];
};

/**
 * Builds a local Google: OAuth, Calendar v3 events and the `/_sandbox/` controls, all in memory and apart
 * from any other sandbox. The caller listens (or injects) and closes.
 */
export function buildSandbox(options: SandboxOptions = {}): FastifyInstance {
  const { now = Date.now, rotateRefreshTokens = false, logger = false } = options;
  const accounts = createAccounts(now);
  const grants = createGrants(now);
  const idTokens = createIdTokenIssuer(now);
  const calls = createCallCount();
  const faults = createFaults();

  const app = fastify({
    logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Event ids may be 1024 characters long; the router's default is 100.
    routerOptions: { maxParamLength: 1100 },
    // Clients keep their connections; closing must not wait for them.
    forceCloseConnections: true,
  });
  acceptEmptyJson(app);
  app.register(formbody);
  interceptCalls(app, { calls, faults });
  app.setErrorHandler(async (error, _request, reply) => {
    if (!(error instanceof OAuthError)) throw error;
    return reply.code(error.status).send(error.body);
  });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send(googleErrorForStatus(404)));

  app.register(authorizationEndpoint, { accounts, grants });
  app.register(tokenEndpoint, { accounts, grants, idTokens, rotateRefreshTokens });
  app.register(revocationEndpoint, { grants });
  app.register(identityEndpoints, { accounts, grants, idTokens });
  app.register(calendarRoutes, { access: createCalendarAccess(grants, accounts), now });
  app.register(controlRoutes, { accounts, grants, calls, faults });
  return app;
}

/** Clients send `content-type: application/json` with nothing in it, on DELETE above all; Google doesn't mind. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else parse(request, String(body), done);
  });
}
