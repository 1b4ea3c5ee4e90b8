import { html } from "@cita/http";
import type { FastifyPluginAsync } from "fastify";
import { connectCustomer } from "../../../customer-calendars/connect-customer.ts";
import { findConnection, undefinedIfUnknown } from "../../../customer-calendars/find-connection.ts";
import { findExisting } from "../../../customers/customer-store.ts";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import { linkBody } from "./view.ts";
import { linkWords } from "./words.ts";

type OfCustomer = { Params: { customer_id: string } };

/** A customer's consent link: handing it over, and watching it turn green. */
export const linkRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, customers, customerStates, calendarApi, settings } = deps;

  app.get<OfCustomer>(
    "/clientes/:customer_id/enlace",
    { config: { access: { action: "change_customer", customer: "params" } } },
    async (request, reply) => {
      const viewer = viewerOf(request);
      const words = linkWords[viewer.language];
      const customer = await findExisting(customers, request.params.customer_id);
      const api = calendarApi.forRequest(request.id);
      // Before the connection is read: the page then follows what has happened since.
      const lastEventId = await customerStates.lastEventId();
      const [connection, schedule] = await Promise.all([
        findConnection(api, customer.customer_id),
        api.schedule(customer.customer_id).catch(undefinedIfUnknown),
      ]);
      const language = schedule?.language ?? viewer.language;
      const isTesting = settings.isGoogleInTesting && (connection?.provider ?? "google") === "google";
      return pages.send(request, reply, {
        title: words.title(customer.customer_name),
        subtitle: words.subtitle,
        section: "customers",
        actions: html`<a href="/clientes/${encodeURIComponent(customer.customer_id)}">${words.toCustomer}</a>`,
        body: linkBody(viewer, {
          customer,
          connection,
          brand: pages.frame.brand,
          language,
          isTesting,
          lastEventId,
        }),
      });
    },
  );

  app.post<OfCustomer & { Body: { renew?: string } }>(
    "/clientes/:customer_id/enlace",
    { config: { access: { action: "change_customer", customer: "params" } } },
    async (request, reply) => {
      const customer = await findExisting(customers, request.params.customer_id);
      await connectCustomer(deps, request.id, customer, { renew: request.body?.renew === "yes" });
      return reply.redirect(`/clientes/${encodeURIComponent(customer.customer_id)}/enlace`, 303);
    },
  );
};
