import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findActors } from "../../../activity/actors.ts";
import { viewerOf } from "../../viewer.ts";
import type { Begin } from "./begin.ts";
import { type IntegrationPage, integrationBody } from "./integration-view.ts";
import { findInPlace, type IntegrationsDeps, type Place, type PlaceKind, readId } from "./places.ts";
import { orSayAway } from "./send-list.ts";

/** Entries of its log on one page. */
const logSize = 20;

const pageQuery = z.object({
  /** Cursor of the log. */
  desde: z.string().max(400).optional().catch(undefined),
  hecho: z.literal("guardada").optional().catch(undefined),
});
const nameForm = z.object({ name: z.string().max(1_000).default("") });
const pauseForm = z.object({ active: z.enum(["yes", "no"]) });
const disconnectForm = z.object({ revoke: z.literal("all").optional() });

type OfIntegration = { Params: { integration_id: string } };

export type IntegrationRoutesOptions = IntegrationsDeps & { readonly kind: PlaceKind; readonly begin: Begin };

/** One integration: what is known of it, its log, and its changes. */
export const integrationRoutes: FastifyPluginAsync<IntegrationRoutesOptions> = async (app, options) => {
  const { kind, begin, integrationsApi } = options;
  const route = `${kind.route}/:integration_id`;
  const change = { config: { access: kind.change } };

  async function findOne(request: FastifyRequest<OfIntegration>) {
    const id = readId(request.params, "integration_id");
    const place = await kind.find(request);
    return { id, place, one: await findInPlace(options, place, id) };
  }

  app.get<OfIntegration>(route, { config: { access: kind.read } }, async (request, reply) =>
    sendOne(options, request, reply, {
      id: readId(request.params, "integration_id"),
      place: await kind.find(request),
    }),
  );

  app.post<OfIntegration>(route, change, async (request, reply) => {
    const { id, place } = await findOne(request);
    const typed = nameForm.parse(request.body ?? {}).name;
    const name = typed.trim();
    if (name === "" || name.length > 200)
      return sendOne(options, request, reply.code(422), { id, place }, { name: typed });
    await integrationsApi.update(id, { name });
    return reply.redirect(`${place.path}/${id}?hecho=guardada`, 303);
  });

  app.post<OfIntegration>(`${route}/pausa`, change, async (request, reply) => {
    const isActive = pauseForm.parse(request.body).active === "yes";
    const { id, place } = await findOne(request);
    await integrationsApi.update(id, { isActive });
    return reply.redirect(`${place.path}#${id}`, 303);
  });

  app.post<OfIntegration>(`${route}/reconectar`, change, async (request, reply) => {
    const { place, one } = await findOne(request);
    return begin(request, reply, place, { provider: one.provider, again: one });
  });

  app.post<OfIntegration>(`${route}/desconectar`, change, async (request, reply) => {
    const { revoke } = disconnectForm.parse(request.body ?? {});
    const { id, place } = await findOne(request);
    const { revocation } = await integrationsApi.disconnect(id, revoke === "all");
    const query = new URLSearchParams({ desconectada: id, acceso: revocation });
    return reply.redirect(`${place.path}?${query}`, 303);
  });
};

async function sendOne(
  deps: IntegrationRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  { id, place }: { id: string; place: Place },
  typed?: { readonly name: string },
): Promise<FastifyReply> {
  const { pages, integrationsApi, people, now } = deps;
  const viewer = viewerOf(request);
  const { desde: cursor, hecho } = pageQuery.parse(request.query ?? {});
  const body = await orSayAway(request, reply, async () => {
    const one = await findInPlace(deps, place, id);
    const [log, providers, findActor] = await Promise.all([
      integrationsApi.syncLogs(id, { limit: logSize, cursor }),
      integrationsApi.providers(),
      findActors(people.users, [`user:${one.userId}`]),
    ]);
    const page: IntegrationPage = {
      ...{ place, one, log, isFirst: cursor === undefined, now: now(), typed },
      provider: providers.find(({ provider }) => provider === one.provider),
      connectedBy: findActor(one.userId.startsWith("owner:") ? one.userId : `user:${one.userId}`),
      isSaved: hecho !== undefined,
    };
    return integrationBody(viewer, page);
  });
  return pages.send(request, reply, place.page(viewer, body));
}
