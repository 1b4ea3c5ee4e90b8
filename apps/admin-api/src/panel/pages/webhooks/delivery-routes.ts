import { setTimeout as sleep } from "node:timers/promises";
import { type DeliveryView, IntegrationsApiError } from "@cita/integrations-api";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { toInstant } from "../../parts/wall-times.ts";
import { viewerOf } from "../../viewer.ts";
import { readId } from "../integrations/places.ts";
import { orSayAway } from "../integrations/send-list.ts";
import { deliveryBody } from "./delivery-view.ts";
import { findAsked, findWebhook, type WebhooksDeps } from "./places.ts";

/** The zone is that which the page has named. */
const replayForm = z.object({
  since: z.string().max(100).default(""),
  zone: z.string().max(64).default("UTC"),
});

/** One delivery, a test, and what is sent again. */
export const deliveryRoutes: FastifyPluginAsync<WebhooksDeps> = async (app, deps) => {
  const { kind, pages, integrationsApi, now } = deps;
  const { webhooks } = integrationsApi;
  const route = `${kind.route}/:webhook_id`;
  const change = { config: { access: kind.change } };

  app.get(`${route}/envios/:delivery_id`, { config: { access: kind.read } }, async (request, reply) => {
    const viewer = viewerOf(request);
    const [id, deliveryId] = [readId(request.params, "webhook_id"), readId(request.params, "delivery_id")];
    const place = await kind.find(request);
    const body = await orSayAway(request, reply, async () => {
      const one = await findWebhook(deps, place, id);
      const delivery = await webhooks.delivery(id, deliveryId);
      return deliveryBody(viewer, { place, one, delivery, now: now() });
    });
    return pages.send(request, reply, place.page(viewer, body));
  });

  app.post(`${route}/probar`, change, async (request, reply) => {
    const { id, path } = await findAsked(deps, request);
    const sent = await webhooks.test(id).catch(undefinedIfInactive);
    if (sent === undefined) return reply.redirect(`${path}?fallo=inactive`, 303);
    await waitForOutcome(() => webhooks.delivery(id, sent.id));
    return reply.redirect(`${path}/envios/${sent.id}`, 303);
  });

  app.post(`${route}/envios/:delivery_id/repetir`, change, async (request, reply) => {
    const deliveryId = readId(request.params, "delivery_id");
    const { id, path } = await findAsked(deps, request);
    const replayed = await webhooks.replay(id, { deliveryId }).catch(undefinedIfInactive);
    if (replayed === undefined) return reply.redirect(`${path}?fallo=inactive`, 303);
    await waitForOutcome(() => webhooks.delivery(id, deliveryId));
    return reply.redirect(`${path}/envios/${deliveryId}`, 303);
  });

  app.post(`${route}/repetir`, change, async (request, reply) => {
    const form = replayForm.parse(request.body ?? {});
    const { id, path } = await findAsked(deps, request);
    const since = toInstant(form.since, form.zone);
    if (since === undefined) return reply.redirect(`${path}?fallo=since`, 303);
    const replayed = await webhooks.replay(id, { since }).catch(undefinedIfInactive);
    const query = replayed === undefined ? "fallo=inactive" : `repetidos=${replayed}`;
    return reply.redirect(`${path}?${query}#envios`, 303);
  });
};

/** @throws the error itself where it is another */
function undefinedIfInactive(error: unknown): undefined {
  if (error instanceof IntegrationsApiError && error.code === "WEBHOOK_INACTIVE") return undefined;
  throw error;
}

/** How long a page waits for a receiver. Most answer within that; the page of the delivery tells of the others. */
const maxWaitMs = 3_000;
const pollMs = 250;

async function waitForOutcome(read: () => Promise<DeliveryView>): Promise<void> {
  const deadline = performance.now() + maxWaitMs;
  while ((await read()).status === "PENDING" && performance.now() < deadline) await sleep(pollMs);
}
