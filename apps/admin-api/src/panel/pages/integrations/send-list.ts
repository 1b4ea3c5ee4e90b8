import { IntegrationsApiError } from "@cita/integrations-api";
import type { FastifyReply, FastifyRequest } from "fastify";
import { note } from "../../parts/notes.ts";
import { viewerOf } from "../../viewer.ts";
import { listBody } from "./list-view.ts";
import { listQuery, readNotices } from "./notices.ts";
import type { IntegrationsDeps, Place } from "./places.ts";
import { integrationsWords } from "./words.ts";

/** Integrations of one page, which weighs less than 60 kB with its assets whatever is said of each. */
const pageSize = 15;

/** @param problem why what was asked for wasn't begun. */
export async function sendList(
  deps: IntegrationsDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place,
  problem?: string,
): Promise<FastifyReply> {
  const { pages, integrationsApi, now } = deps;
  const viewer = viewerOf(request);
  const query = listQuery.parse(request.query ?? {});
  const body = await orSayAway(request, reply, async () => {
    const [{ data, nextCursor }, providers] = await Promise.all([
      place.list({ limit: pageSize, cursor: query.desde }),
      integrationsApi.providers(),
    ]);
    const notices = await readNotices(deps, { place, query });
    const isFirst = query.desde === undefined;
    const list = { place, integrations: data, nextCursor, providers, isFirst, now: now() };
    return listBody(viewer, { ...list, notices, problem });
  });
  return pages.send(request, reply, place.page(viewer, body));
}

/** A page's body, or that the integration service doesn't answer. */
export async function orSayAway<Body>(
  request: FastifyRequest,
  reply: FastifyReply,
  read: () => Promise<Body>,
) {
  try {
    return await read();
  } catch (err) {
    if (!(err instanceof IntegrationsApiError) || err.statusCode < 500) throw err;
    request.log.warn({ err }, "integrations couldn't be read");
    reply.code(503);
    return note("bad", integrationsWords[viewerOf(request).language].unavailable);
  }
}
