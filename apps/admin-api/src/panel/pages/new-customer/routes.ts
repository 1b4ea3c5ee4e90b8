import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { connectCustomer } from "../../../customer-calendars/connect-customer.ts";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import { isUnavailable } from "../errors/error-page.ts";
import { readNewCustomer } from "./read-form.ts";
import { emptyForm, type NewCustomerForm, type NewCustomerProblems, newCustomerBody } from "./view.ts";
import { newCustomerWords } from "./words.ts";

const text = z.string().max(1_000).default("");
const typedForm = z.object({
  ...{ customer_name: text, customer_email: text, customer_phone: text, customer_id: text },
  any_account: z.literal("on").optional(),
});

/** Adding one customer: a form, and then its link. */
export const newCustomerRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, customers } = deps;
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
    if ((await customers.find(customer.customer_id)) !== undefined)
      return send(request, reply.code(409), form, { customer_id: "idTaken" });
    try {
      await connectCustomer(deps, request.id, customer, { any_account: anyAccount });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return send(request, reply.code(503), form, { form: "unavailable" });
    }
    return reply.redirect(`/clientes/${encodeURIComponent(customer.customer_id)}/enlace`, 303);
  });
};
