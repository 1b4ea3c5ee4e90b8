import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import { mayDo, scopeOf } from "../../access/caller.ts";
import { findConnection } from "../../customer-calendars/find-connection.ts";
import { customerRow } from "../pages/customers/customer-row.ts";
import { consentState } from "../pages/link/view.ts";
import { readOverview } from "../pages/overview/read-overview.ts";
import { overviewParts } from "../pages/overview/view.ts";
import type { PageDeps } from "../panel.ts";
import { viewerOf } from "../viewer.ts";
import { followCustomers } from "./follow-customers.ts";
import { keepFresh } from "./keep-fresh.ts";
import { createOpenStream } from "./open-stream.ts";

/** As many as a page of the list has. */
const maxIds = 50;

/** A HEAD request would wait for the end of the stream. */
const options = { config: { access: { action: "list_customers" } }, exposeHeadRoute: false } as const;

type Watched = { readonly ids: readonly string[]; readonly after: number | undefined };

const watchedQuery = z.object({
  id: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((id) => [id ?? []].flat().slice(0, maxIds)),
  after: z.coerce.number().int().nonnegative().optional().catch(undefined),
});

/** Which customers a page shows, and the last event when it was made. */
function watchedOf(request: FastifyRequest): Watched {
  const { id: ids, after } = watchedQuery.parse(request.query);
  return { ids, after };
}

/** Streams of what changes while somebody looks at a page. */
export const liveRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { people, customerList, calendarApi, now } = deps;
  const openStream = createOpenStream(app, people.sessions);

  app.get("/panel/live/resumen", options, (request, reply) => {
    const viewer = viewerOf(request);
    const stream = openStream(request, reply);
    const update = () =>
      stream.forCaller(async (caller) =>
        stream.send(overviewParts(viewer, await readOverview(deps, caller)).html),
      );
    keepFresh(deps, { ...stream, update });
  });

  app.get("/panel/live/clientes", options, (request, reply) => {
    const { language } = viewerOf(request);
    const stream = openStream(request, reply);
    const update = (changed: readonly string[]) =>
      stream.forCaller(async (caller) => {
        // What may be seen is asked anew: a membership may have ended.
        const rows = await customerList.search({ scope: scopeOf(caller), ids: changed, limit: maxIds });
        const mayMend = mayDo(caller, "change_customer", true);
        const row = { language, now: now(), mayMend, isUpdate: true };
        for (const customer of rows) stream.send(customerRow(customer, row).html);
      });
    followCustomers(deps, { ...stream, ...watchedOf(request), update });
  });

  app.get("/panel/live/cliente", options, (request, reply) => {
    const viewer = viewerOf(request);
    const stream = openStream(request, reply);
    const update = ([id = ""]: readonly string[]) =>
      stream.forCaller(async (caller) => {
        const [seen] = await customerList.search({ scope: scopeOf(caller), ids: [id], limit: 1 });
        if (seen === undefined) return;
        const connection = await findConnection(calendarApi.forRequest(request.id), id);
        stream.send(consentState(viewer, { connection }).html);
      });
    followCustomers(deps, { ...stream, ...watchedOf(request), update });
  });
};
