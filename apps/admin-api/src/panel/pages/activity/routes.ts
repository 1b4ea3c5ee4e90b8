import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { PageDeps } from "../../panel.ts";
import { customerPage, customerPath, findFramedCustomer } from "../../parts/customer-frame.ts";
import { viewerOf } from "../../viewer.ts";
import { activityBody } from "./view.ts";

const pageSize = 50;
const query = z.object({ cursor: z.string().max(200).optional().catch(undefined) });

/** What has happened to a customer. */
export const customerActivityRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, calendarApi, now } = deps;

  app.get<{ Params: { customer_id: string } }>(
    "/clientes/:customer_id/actividad",
    { config: { access: { action: "read_customer", customer: "params" } } },
    async (request, reply) => {
      const framed = await findFramedCustomer(deps, request.params.customer_id);
      const id = framed.customer.customer_id;
      const { cursor } = query.parse(request.query ?? {});
      const api = calendarApi.forRequest(request.id);
      const page = await api.activity({ limit: pageSize, ...(cursor !== undefined && { cursor }) }, id);
      const viewer = viewerOf(request);
      const body = activityBody(viewer, {
        ...{ page, path: `${customerPath(id)}/actividad`, isFirst: cursor === undefined, now: now() },
      });
      return pages.send(request, reply, customerPage(viewer, framed, { tab: "activity", body }));
    },
  );
};
