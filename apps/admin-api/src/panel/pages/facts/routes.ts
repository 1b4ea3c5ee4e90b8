import { CalendarApiError, type ConnectionView } from "@cita/calendar-api";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { connectCustomer } from "../../../customer-calendars/connect-customer.ts";
import { findConnection } from "../../../customer-calendars/find-connection.ts";
import type { ListedCustomer } from "../../../customers/customer-list.ts";
import { findExisting, type NewCustomer } from "../../../customers/customer-store.ts";
import { linkUrl } from "../../../people/mail/link-mails.ts";
import type { PageDeps } from "../../panel.ts";
import { answersWithin } from "../../parts/answers-within.ts";
import { type ContactFields, readContact } from "../../parts/contact-fields.ts";
import { customerPage, customerPath } from "../../parts/customer-frame.ts";
import { viewerOf } from "../../viewer.ts";
import { isUnavailable } from "../errors/error-page.ts";
import { type FactsPage, type FactsProblems, factsBody } from "./view.ts";

type OfCustomer = { Params: { customer_id: string } };
type More = Partial<Pick<FactsPage, "form" | "problems" | "ownerUrl" | "notice">>;

const path = "/clientes/:customer_id";
const administer = { access: { action: "administer", customer: "params" } } as const;
const change = { access: { action: "change_customer", customer: "params" } } as const;
const text = z.string().max(1_000).default("");
const editForm = z.object({ customer_name: text, customer_email: text, customer_phone: text });
const confirmForm = z.object({ confirm: text });
const query = z.object({
  hecho: z.enum(["saved", "disconnected", "notRevoked"]).optional().catch(undefined),
});

/** What is known of a customer, and what can be done with it: the first of its tabs. */
export const factsRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { customers, calendarApi, people, publicUrl, removals } = deps;
  const send = createSend(deps);

  app.get<OfCustomer>(
    path,
    { config: { access: { action: "read_customer", customer: "params" } } },
    async (request, reply) => {
      const customer = await findExisting(deps.customers, request.params.customer_id);
      return send(request, reply, customer, { notice: query.parse(request.query ?? {}).hecho });
    },
  );

  app.post<OfCustomer>(path, { config: administer }, async (request, reply) => {
    const customer = await findExisting(deps.customers, request.params.customer_id);
    const form = editForm.parse(request.body);
    const read = readEdit(form, customer.customer_id);
    if ("problems" in read)
      return send(request, reply.code(422), customer, { form, problems: read.problems });
    try {
      const connection = await findConnection(calendarApi.forRequest(request.id), customer.customer_id);
      // A live link's page shows the name and expects the account. Without one, none is made.
      if (connection?.link?.state === "live") await connectCustomer(deps, request.id, read, {});
      else await customers.save(read);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return send(request, reply.code(503), customer, { form, notice: "unsaved" });
    }
    return done(reply, customer.customer_id, "saved");
  });

  app.post<OfCustomer>(`${path}/desconectar`, { config: change }, async (request, reply) => {
    const customer = await findExisting(deps.customers, request.params.customer_id);
    const result = await calendarApi.forRequest(request.id).disconnect(customer.customer_id);
    const isRevoked = result.revoked_at_provider || !result.disconnected;
    return done(reply, customer.customer_id, isRevoked ? "disconnected" : "notRevoked");
  });

  app.post<OfCustomer>(`${path}/acceso`, { config: administer }, async (request, reply) => {
    const customer = await findExisting(deps.customers, request.params.customer_id);
    const link = await people.accounts.makeOwnerLink(customer.customer_id);
    return send(request, reply, customer, { ownerUrl: linkUrl(publicUrl, "owner", link) });
  });

  app.post<OfCustomer>(`${path}/eliminar`, { config: administer }, async (request, reply) => {
    const customer = await findExisting(deps.customers, request.params.customer_id);
    if (confirmForm.parse(request.body).confirm.trim() !== customer.customer_id)
      return send(request, reply.code(422), customer, { problems: { confirm: "confirm" } });
    try {
      await removals.remove(customer.customer_id, request.id);
    } catch (error) {
      if (!(error instanceof CalendarApiError) || error.code !== "booking_in_progress") throw error;
      return send(request, reply.code(409), customer, { problems: { confirm: "busy" } });
    }
    return reply.redirect("/clientes", 303);
  });
};

function createSend(deps: PageDeps) {
  const { pages, calendarApi, now } = deps;
  return async (request: FastifyRequest, reply: FastifyReply, customer: ListedCustomer, more: More) => {
    const connection = await readConnection(deps, calendarApi.forRequest(request.id), customer.customer_id);
    const viewer = viewerOf(request);
    const body = factsBody(viewer, {
      ...{ path: customerPath(customer.customer_id), customer, connection, now: now(), ...more },
      brandName: pages.frame.brand.name,
    });
    // What the calendar service says now is newer than what was told of by events.
    const newest = connection && {
      status: connection.status,
      calendarState: connection.calendar_state?.state ?? null,
    };
    return pages.send(
      request,
      reply,
      customerPage(viewer, { ...customer, ...newest }, { tab: "facts", body }),
    );
  };
}

/** @returns undefined where the calendar service doesn't know the customer, null where it doesn't answer in time. */
async function readConnection(
  { logger }: Pick<PageDeps, "logger">,
  api: Parameters<typeof findConnection>[0],
  customerId: string,
): Promise<ConnectionView | undefined | null> {
  try {
    return await answersWithin(findConnection(api, customerId), null);
  } catch (err) {
    if (!isUnavailable(err)) throw err;
    logger.warn({ err, customer_id: customerId }, "a customer's connection couldn't be read");
    return null;
  }
}

function readEdit(form: ContactFields, customer_id: string): NewCustomer | { problems: FactsProblems } {
  const { name, email, phone } = readContact(form);
  const problems: FactsProblems = {
    ...(!name.success && { customer_name: "name" }),
    ...(!email.success && { customer_email: "email" }),
    ...(phone === undefined && { customer_phone: "phone" }),
  };
  if (!name.success || !email.success || phone === undefined) return { problems };
  return { customer_id, customer_name: name.data, customer_email: email.data, customer_phone: phone };
}

function done(reply: FastifyReply, id: string, what: "saved" | "disconnected" | "notRevoked"): FastifyReply {
  return reply.redirect(`${customerPath(id)}?hecho=${what}`, 303);
}
