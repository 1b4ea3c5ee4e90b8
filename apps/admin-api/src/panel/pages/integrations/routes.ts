/**
 * Accounts at other services: those of a customer, and those of whoever is signed in, by the same pages (`places.ts`). The
 * list and what begins a consent are here (`send-list.ts`, `begin.ts`), one integration and its changes in
 * `integration-routes.ts`, the way back from a provider in `return-routes.ts`.
 */

import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { createAttempts } from "./attempts.ts";
import { createBegin } from "./begin.ts";
import { integrationRoutes } from "./integration-routes.ts";
import { type IntegrationsDeps, ofCustomers, ofOneself } from "./places.ts";
import { returnRoutes } from "./return-routes.ts";
import { sendList } from "./send-list.ts";

const connectForm = z.object({ provider: z.string().regex(/^[A-Z0-9_]{1,40}$/) });

export const integrationsRoutes: FastifyPluginAsync<IntegrationsDeps> = async (app, deps) => {
  const attempts = createAttempts(deps.publicUrl);
  const begin = createBegin(deps, attempts);
  await app.register(returnRoutes, { ...deps, attempts });
  for (const kind of [ofCustomers(deps), ofOneself(deps)]) {
    app.get(kind.route, { config: { access: kind.read } }, async (request, reply) =>
      sendList(deps, request, reply, await kind.find(request)),
    );

    app.post(kind.route, { config: { access: kind.change } }, async (request, reply) => {
      const { provider } = connectForm.parse(request.body);
      return begin(request, reply, await kind.find(request), { provider });
    });

    await app.register(integrationRoutes, { ...deps, kind, begin });
  }
};
