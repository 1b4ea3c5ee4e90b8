import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { connectCustomer } from "../../../customer-calendars/connect-customer.ts";
import { findConnection } from "../../../customer-calendars/find-connection.ts";
import type { ListedCustomer } from "../../../customers/customer-list.ts";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import { isUnavailable } from "../errors/error-page.ts";
import { type NewCustomer, readNewCustomer } from "./read-form.ts";
import { emptyForm, type NewCustomerForm, type NewCustomerProblems, newCustomerBody } from "./view.ts";
import { newCustomerWords } from "./words.ts";

const text = z.string().max(1_000).default("");
const typedForm = z.object({
  ...{ customer_name: text, customer_email: text, customer_phone: text, customer_id: text },
  any_account: z.literal("on").optional(),
});

/** Adding one customer: a form, and then its link. */
export const newCustomerRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, customers, calendarApi } = deps;
  const access = { action: "administer" } as const;

  const send = (
    request: FastifyRequest,
    reply: FastifyReply,
    form: NewCustomerForm,
    problems: NewCustomerProblems = {},
  ) => {
    const viewer = viewerOf(request);
    const { title, subtitle } = newCustomerWords[viewer.language];
    const body = newCustomerBody(viewer, form, problems);
    return pages.send(request, reply, { title, subtitle, section: "customers", isNarrow: true, body });
  };

  app.get("/clientes/nuevo", { config: { access } }, (request, reply) => send(request, reply, emptyForm));

  app.post("/clientes/nuevo", { config: { access } }, async (request, reply) => {
    const { any_account, ...typed } = typedForm.parse(request.body);
    const form = { ...typed, any_account: any_account === "on" };
    const read = readNewCustomer(form);
    if ("problems" in read) return send(request, reply.code(422), form, read.problems);
    const { any_account: anyAccount, ...customer } = read;
    // Adding is not correcting: a name that is typed again must not change another customer.
    const existing = await customers.find(customer.customer_id);
    if (existing !== undefined && !isRepeated(existing, customer))
      return send(request, reply.code(409), form, { customer_id: "idTaken" });
    try {
      const api = calendarApi.forRequest(request.id);
      const isLinked = existing !== undefined && (await hasLink(api, existing.customer_id));
      if (!isLinked) await connectCustomer(deps, request.id, customer, { any_account: anyAccount });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return send(request, reply.code(503), form, { form: "unavailable" });
    }
    return reply.redirect(`/clientes/${encodeURIComponent(customer.customer_id)}/enlace`, 303);
  });
};

/** Whether it is the form again that has added the customer: its link, or the answer, didn't come the first time. */
function isRepeated(existing: ListedCustomer, typed: Omit<NewCustomer, "any_account">): boolean {
  const { status, customer_name, customer_email, customer_phone } = existing;
  return (
    status === "pending" &&
    customer_name === typed.customer_name &&
    customer_email === typed.customer_email &&
    customer_phone === typed.customer_phone
  );
}

/** One that is there stays as it is: its own page has the button that replaces it. */
async function hasLink(api: Parameters<typeof findConnection>[0], customerId: string): Promise<boolean> {
  const connection = await findConnection(api, customerId);
  return connection !== undefined && connection.link !== null;
}
