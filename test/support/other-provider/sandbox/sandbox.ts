/**
 * The made-up provider's servers, at the place that PROVIDER_HOSTS_AT names. They are here and not in packages/sandbox, since
 * nobody but tests has a use for a provider that doesn't exist.
 */

import { createCallCount, createFaults, type Fault, interceptCalls } from "@cita/sandbox";
import formbody from "@fastify/formbody";
import fastify from "fastify";
import { createAccounts } from "./accounts.ts";
import {
  type AuthorizationSettings,
  agendaClient,
  authorizationRoutes,
  type TokenRequest,
} from "./authorization.ts";
import { controlRoutes } from "./control-routes.ts";
import { bearerOf, diaryRoutes, refuseUnknown } from "./diary-routes.ts";
import { createGrants } from "./grants.ts";

export type AgendaSandbox = ReturnType<typeof buildAgenda>;

/** @param now the sandbox's clock, in epoch milliseconds. */
export function buildAgenda(now: () => number) {
  const app = fastify({ forceCloseConnections: true });
  const accounts = createAccounts();
  const grants = createGrants(now);
  const settings: AuthorizationSettings = { fault: undefined, issuer: "https://login.agenda.example" };
  const tokenRequests: TokenRequest[] = [];
  const calls = createCallCount();
  const faults = createFaults<Fault>();

  app.register(formbody);
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("date", new Date(now()).toUTCString());
  });
  interceptCalls(app, {
    ...{ calls, faults },
    emailOf(request) {
      const { refresh_token } = (request.body ?? {}) as { refresh_token?: string };
      const token = bearerOf(request) ?? refresh_token;
      return token === undefined ? undefined : grants.mailOf(token);
    },
    namesOwnerInBody: (path) => path === "/login.agenda.example/token",
    bodyFor: (status) => ({ ok: false, fault: faultByStatus[status] ?? "trouble" }),
  });
  app.setNotFoundHandler(async (_request, reply) => refuseUnknown(reply));
  diaryRoutes(app, { accounts, grants });
  authorizationRoutes(app, {
    ...{ accounts, grants, settings },
    onTokenRequest: (request) => tokenRequests.push(request),
  });
  controlRoutes(app, { accounts, grants, calls, faults });
  return { app, grants, settings, takeTokenRequests: () => tokenRequests.splice(0) };
}

/** What it says beside a status that isn't 200. */
const faultByStatus: Readonly<Record<number, string>> = { 401: "token_stale", 429: "slow_down" };

/** How a service reads where the provider is and who its own client is there. */
export function agendaVariables(url: string) {
  return {
    AGENDA_CLIENT_ID: agendaClient.id,
    AGENDA_CLIENT_SECRET: agendaClient.secret,
    PROVIDER_HOSTS_AT: url,
  };
}
