import { peopleKinds } from "@cita/events/kinds";
import { cutPage, type Html, html } from "@cita/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findActors, userIn } from "../../../activity/actors.ts";
import { findExisting } from "../../../customers/customer-store.ts";
import type { PageDeps } from "../../panel.ts";
import { customerPage, customerPath } from "../../parts/customer-frame.ts";
import { viewerOf } from "../../viewer.ts";
import { type ActivityTab, activityTabs, peopleActivityBody } from "./people-view.ts";
import { activityBody } from "./view.ts";
import { activityWords } from "./words.ts";

const pageSize = 50;
const query = z.object({ cursor: z.string().max(200).optional().catch(undefined) });

/** What has happened to a customer. */
export const customerActivityRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, calendarApi, people, now } = deps;

  app.get<{ Params: { customer_id: string } }>(
    "/clientes/:customer_id/actividad",
    { config: { access: { action: "read_customer", customer: "params" } } },
    async (request, reply) => {
      const customer = await findExisting(deps.customers, request.params.customer_id);
      const id = customer.customer_id;
      const { cursor } = query.parse(request.query ?? {});
      const api = calendarApi.forRequest(request.id);
      const page = await api.activity({ limit: pageSize, ...(cursor !== undefined && { cursor }) }, id);
      const viewer = viewerOf(request);
      const findActor = await findActors(
        people.users,
        page.activity.map(({ actor }) => actor),
      );
      const body = activityBody(viewer, {
        ...{
          page,
          findActor,
          path: `${customerPath(id)}/actividad`,
          isFirst: cursor === undefined,
          now: now(),
        },
      });
      return pages.send(request, reply, customerPage(viewer, customer, { tab: "activity", body }));
    },
  );
};

/** What has happened to all customers, and among the people of the panel. */
export const activityPageRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, calendarApi, customerList, people, events, now } = deps;
  const access = { action: "administer" } as const;

  const send = (request: FastifyRequest, reply: FastifyReply, current: ActivityTab, body: Html) => {
    const { language } = viewerOf(request);
    const { title, subtitle } = activityWords[language];
    const tabs = activityTabs(language, current);
    return pages.send(request, reply, { title, subtitle, section: "activity", body: html`${tabs}${body}` });
  };

  app.get("/actividad", { config: { access } }, async (request, reply) => {
    const { cursor } = query.parse(request.query ?? {});
    const api = calendarApi.forRequest(request.id);
    const page = await api.activity({ limit: pageSize, ...(cursor !== undefined && { cursor }) });
    const ids = [...new Set(page.activity.flatMap(({ customer_id }) => customer_id ?? []))];
    const [findActor, customers] = await Promise.all([
      findActors(
        people.users,
        page.activity.map(({ actor }) => actor),
      ),
      customerList.search({ scope: { kind: "all" }, ids, limit: pageSize }),
    ]);
    const names = new Map(customers.map(({ customer_id, customer_name }) => [customer_id, customer_name]));
    const about = { page, findActor, names, path: "/actividad", isFirst: cursor === undefined, now: now() };
    return send(request, reply, "businesses", activityBody(viewerOf(request), about));
  });

  app.get("/actividad/personas", { config: { access } }, async (request, reply) => {
    const { before } = beforeQuery.parse(request.query ?? {});
    const found = await events.page({ before, kinds: peopleKinds, limit: pageSize + 1 });
    const { shown: entries, next_cursor: next } = cutPage(found, pageSize, ({ id }) => id);
    const users = entries.flatMap(({ actor, data }) => [actor, userIn(data)]);
    const findActor = await findActors(people.users, users);
    const about = { entries, findActor, next, isFirst: before === undefined, now: now() };
    return send(request, reply, "persons", peopleActivityBody(viewerOf(request), about));
  });
};

const beforeQuery = z.object({ before: z.coerce.number().int().min(1).optional().catch(undefined) });
