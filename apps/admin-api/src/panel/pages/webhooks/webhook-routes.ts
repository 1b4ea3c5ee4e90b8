import { html } from "@cita/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { viewerOf } from "../../viewer.ts";
import { readId } from "../integrations/places.ts";
import { orSayAway } from "../integrations/send-list.ts";
import { findAsked, findWebhook, type WebhookPlace, type WebhooksDeps } from "./places.ts";
import {
  explainRefusal,
  type FormProblem,
  findProblem,
  readForm,
  statusOf,
  toWanted,
  type WebhookForm,
} from "./read-form.ts";
import { secretCard } from "./webhook-parts.ts";
import { webhookBody } from "./webhook-view.ts";
import { webhooksWords } from "./words.ts";

/** Deliveries on one page. */
const pageSize = 15;

const pageQuery = z.object({
  /** Cursor of the deliveries. */
  desde: z.string().max(400).optional().catch(undefined),
  hecho: z.literal("guardado").optional().catch(undefined),
  /** How many deliveries are repeated. */
  repetidos: z.coerce.number().int().nonnegative().optional().catch(undefined),
  /** Why what was asked for wasn't done. */
  fallo: z.enum(["inactive", "since"]).optional().catch(undefined),
});
const pauseForm = z.object({ active: z.enum(["yes", "no"]) });

/** One webhook: how it is, what it was told, and its changes. */
export const webhookRoutes: FastifyPluginAsync<WebhooksDeps> = async (app, deps) => {
  const { kind, integrationsApi } = deps;
  const { webhooks } = integrationsApi;
  const route = `${kind.route}/:webhook_id`;
  const change = { config: { access: kind.change } };

  app.get(route, { config: { access: kind.read } }, async (request, reply) => {
    const id = readId(request.params, "webhook_id");
    return sendWebhook(deps, request, reply, { id, place: await kind.find(request) });
  });

  app.post(route, change, async (request, reply) => {
    const form = readForm(request.body);
    const { id, place, path } = await findAsked(deps, request);
    const problem = findProblem(form) ?? (await webhooks.update(id, toWanted(form)).catch(explainRefusal));
    if (typeof problem !== "string") return reply.redirect(`${path}?hecho=guardado`, 303);
    return sendWebhook(deps, request, reply.code(statusOf(problem)), { id, place }, { form, problem });
  });

  app.post(`${route}/pausa`, change, async (request, reply) => {
    const isActive = pauseForm.parse(request.body).active === "yes";
    const { id, path } = await findAsked(deps, request);
    await webhooks.update(id, { isActive });
    return reply.redirect(path, 303);
  });

  // Answered by the page itself: the secret is shown once, and must not stand in an address.
  app.post(`${route}/secreto`, change, async (request, reply) => {
    const { id, place } = await findAsked(deps, request);
    const { secret } = await webhooks.rotateSecret(id);
    reply.header("cache-control", "no-store");
    return sendWebhook(deps, request, reply, { id, place }, { secret });
  });

  app.post(`${route}/eliminar`, change, async (request, reply) => {
    const { id, place } = await findAsked(deps, request);
    await webhooks.remove(id);
    return reply.redirect(`${place.path}?hecho=eliminado`, 303);
  });
};

type Said = {
  readonly form?: WebhookForm;
  readonly problem?: FormProblem;
  readonly secret?: string;
};

async function sendWebhook(
  { pages, integrationsApi, now }: WebhooksDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { id, place }: { readonly id: string; readonly place: WebhookPlace },
  { secret, form, problem }: Said = {},
): Promise<FastifyReply> {
  const { webhooks } = integrationsApi;
  const viewer = viewerOf(request);
  const query = pageQuery.parse(request.query ?? {});
  const cursor = query.desde;
  const webhook = await orSayAway(request, reply, async () => {
    const one = await findWebhook({ integrationsApi }, place, id);
    const [deliveries, eventTypes] = await Promise.all([
      webhooks.deliveries(id, { limit: pageSize, cursor }),
      webhooks.eventTypes(),
    ]);
    return webhookBody(viewer, {
      ...{ place, one, deliveries, eventTypes, problem, isFirst: cursor === undefined, now: now() },
      ...{ form: form ?? one, isSaved: query.hecho !== undefined, replayed: query.repetidos },
      failure: query.fallo,
    });
  });
  const made = secret !== undefined && secretCard(viewer, webhooksWords[viewer.language].rotated, secret);
  return pages.send(request, reply, place.page(viewer, html`${made}${webhook}`));
}
