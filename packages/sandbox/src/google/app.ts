import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import formbody from "@fastify/formbody";
import fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from "fastify";
import { createAccountsSandbox } from "../accounts/accounts-sandbox.ts";
import { createCallCount } from "../control/call-count.ts";
import { createFaults } from "../control/faults.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { createCalendarAccess } from "./calendar/access.ts";
import { calendarRoutes } from "./calendar/events-routes.ts";
import { googleErrorForStatus } from "./calendar/google-error.ts";
import { type GoogleFault, interceptGoogleCalls, type WrongClaims } from "./control/google-faults.ts";
import { controlRoutes } from "./control/routes.ts";
import { authorizationEndpoint } from "./oauth/authorization-endpoint.ts";
import { createGrants, type Grants } from "./oauth/grants.ts";
import { createIdTokenIssuer } from "./oauth/id-token.ts";
import { identityEndpoints } from "./oauth/identity-endpoints.ts";
import { OAuthError } from "./oauth/oauth-error.ts";
import { revocationEndpoint } from "./oauth/revocation-endpoint.ts";
import { tokenEndpoint } from "./oauth/token-endpoint.ts";
import { type SandboxState, STATE_VERSION } from "./state.ts";
import { openStateFile, type StateFile } from "./state-file.ts";

export type SandboxOptions = {
  /** The sandbox's clock, in epoch milliseconds. Default: the real one. */
  now?: () => number;
  /**
   * A refresh answers with a new refresh token. The old one goes on working until the new one is used, so that
   * an answer that got lost can be asked for again. Google doesn't rotate; other providers do. Default: false.
   */
  rotateRefreshTokens?: boolean;
  /**
   * Where accounts, calendars and grants are kept between runs; one sandbox at a time. Default: nowhere.
   * Faults, call counts and the id_token key aren't kept.
   */
  stateFile?: string | undefined;
  /** The other providers, which are served beside Google under their hosts. Default: the registry's. */
  providers?: readonly AccountProvider[] | undefined;
  /** Fastify's logger option. Default: false. Request URLs carry codes and tokens, so requests are never logged. */
  logger?: FastifyServerOptions["logger"];
};

/**
 * Builds a local Google: OAuth, Calendar v3 events and the `/_sandbox/` controls, in memory and apart from any
 * other sandbox. Beside it, under their hosts, are the other providers. The caller listens (or injects) and closes. Throws a StateFileError where the state file
 * can't be used.
 */
export function buildSandbox(options: SandboxOptions = {}): FastifyInstance {
  const {
    now = Date.now,
    rotateRefreshTokens = false,
    logger = false,
    providers = accountProviders,
  } = options;
  const file = options.stateFile === undefined ? undefined : openStateFile(options.stateFile);
  const stores = file ? file.load((state) => createStores(now, state)) : createStores(now);
  const { accounts, grants } = stores;
  const idTokens = createIdTokenIssuer(now);
  const calls = createCallCount();
  const faults = createFaults<GoogleFault>();
  const wrongClaims: WrongClaims = new WeakMap();
  const others = createAccountsSandbox({ providers, now, wrongClaims });

  const app = fastify({
    logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Event ids may be 1024 characters long; the router's default is 100.
    routerOptions: { maxParamLength: 1100 },
    // Clients keep their connections; closing must not wait for them.
    forceCloseConnections: true,
  });
  // Google's answers carry the time that its tokens are made by: clients measure by it.
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("date", new Date(now()).toUTCString());
  });
  acceptEmptyJson(app);
  app.register(formbody);
  // Ahead of faults: an answer that one of them drops was done, and so is kept.
  if (file) keepState(app, file, stores);
  interceptGoogleCalls(app, { calls, faults, grants, wrongClaims, hosts: others.calls });
  app.setErrorHandler(async (error, _request, reply) => {
    if (!(error instanceof OAuthError)) throw error;
    return reply.code(error.status).send(error.body);
  });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send(googleErrorForStatus(404)));

  app.register(authorizationEndpoint, { accounts, grants });
  app.register(tokenEndpoint, { accounts, grants, idTokens, wrongClaims, rotateRefreshTokens });
  app.register(revocationEndpoint, { grants });
  app.register(identityEndpoints, { accounts, grants, idTokens });
  app.register(calendarRoutes, { access: createCalendarAccess(grants, accounts), now });
  app.register(controlRoutes, { accounts, grants, calls, faults });
  app.register(others.routes);
  return app;
}

type Stores = { accounts: Accounts; grants: Grants };

function createStores(now: () => number, earlier?: SandboxState): Stores {
  return { accounts: createAccounts(now, earlier?.accounts), grants: createGrants(now, earlier?.grants) };
}

/**
 * Saves whatever a request may have changed before it is answered, so that a client never knows of anything
 * that a kill could undo. Refusals save too: a code is spent by the first try, right or wrong. Where saving
 * fails, the answer is a 500 that says why.
 */
function keepState(app: FastifyInstance, file: StateFile, { accounts, grants }: Stores): void {
  let open = true;
  const save = () =>
    file.save({ version: STATE_VERSION, accounts: accounts.snapshot(), grants: grants.snapshot() });
  app.addHook("onSend", async ({ method }) => {
    // Once closed, the file may be another sandbox's, though a slow request can still end here.
    if (open && method !== "GET" && method !== "HEAD") save();
  });
  app.addHook("onClose", async () => {
    open = false;
    save();
  });
}

/** Clients send `content-type: application/json` with nothing in it, on DELETE above all; Google doesn't mind. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else void parse(request, String(body), done);
  });
}
