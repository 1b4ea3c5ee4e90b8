/**
 * Webhooks: those of a customer, and those of an integration of whoever is signed in, by the same pages (`places.ts`). The
 * list and making one are here, one webhook and its changes in `webhook-routes.ts`, what it was told in
 * `delivery-routes.ts`.
 */

import { html } from "@cita/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { viewerOf } from "../../viewer.ts";
import type { IntegrationsDeps } from "../integrations/places.ts";
import { orSayAway } from "../integrations/send-list.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { type ListPage, listBody } from "./list-view.ts";
import {
  type WebhookPlace,
  type WebhooksDeps,
  webhooksOfCustomers,
  webhooksOfOwnIntegrations,
} from "./places.ts";
import { emptyForm, explainRefusal, findProblem, readForm, statusOf, toWanted } from "./read-form.ts";
import { secretCard } from "./webhook-parts.ts";
import { webhookRoutes } from "./webhook-routes.ts";
import { webhooksWords } from "./words.ts";

/** Webhooks of one page, which weighs less than 60 kB with its assets. */
const pageSize = 15;

const listQuery = z.object({
  /** Cursor. */
  desde: z.string().max(400).optional().catch(undefined),
  hecho: z.literal("eliminado").optional().catch(undefined),
});

export const webhooksRoutes: FastifyPluginAsync<IntegrationsDeps> = async (app, deps) => {
  for (const kind of [webhooksOfCustomers(deps), webhooksOfOwnIntegrations(deps)])
    for (const routes of [listRoutes, webhookRoutes, deliveryRoutes])
      await app.register(routes, { ...deps, kind });
};

const listRoutes: FastifyPluginAsync<WebhooksDeps> = async (app, deps) => {
  const { kind, integrationsApi } = deps;

  app.get(kind.route, { config: { access: kind.read } }, async (request, reply) =>
    sendList(deps, request, reply, await kind.find(request)),
  );

  // Answered by the page itself: the secret is shown once, and must not stand in an address.
  app.post(kind.route, { config: { access: kind.change } }, async (request, reply) => {
    const form = readForm(request.body);
    const place = await kind.find(request);
    const problem = findProblem(form);
    if (problem !== undefined) return sendList(deps, request, reply.code(422), place, { form, problem });
    const made = await integrationsApi.webhooks.create(place.subject, toWanted(form)).catch(explainRefusal);
    if (typeof made === "string")
      return sendList(deps, request, reply.code(statusOf(made)), place, { form, problem: made });
    reply.code(201).header("cache-control", "no-store");
    return sendList(deps, request, reply, place, { secret: made.secret });
  });
};

async function sendList(
  deps: WebhooksDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  place: WebhookPlace,
  { secret, ...said }: Partial<Pick<ListPage, "form" | "problem"> & { readonly secret: string }> = {},
): Promise<FastifyReply> {
  const { pages, integrationsApi, now } = deps;
  const viewer = viewerOf(request);
  const { desde: cursor, hecho } = listQuery.parse(request.query ?? {});
  const list = await orSayAway(request, reply, async () => {
    const [{ data, nextCursor }, eventTypes] = await Promise.all([
      integrationsApi.webhooks.list(place.subject, { limit: pageSize, cursor }),
      integrationsApi.webhooks.eventTypes(),
    ]);
    const page = { place, webhooks: data, nextCursor, eventTypes, now: now() };
    return listBody(viewer, { form: emptyForm, ...said, ...page, isDeleted: hecho !== undefined });
  });
  // It is shown this once, whatever becomes of the list.
  const made = secret !== undefined && secretCard(viewer, webhooksWords[viewer.language].created, secret);
  const body = html`${made}${list}`;
  return pages.send(request, reply, place.page(viewer, body));
}
