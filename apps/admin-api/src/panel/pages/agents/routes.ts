import { CalendarApiError, type NewAgentKeyView } from "@cita/calendar-api";
import type { Html } from "@cita/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findExisting } from "../../../customers/customer-store.ts";
import type { PageDeps } from "../../panel.ts";
import { explainTrouble } from "../../parts/calendar-trouble.ts";
import { customerPage, customerPath } from "../../parts/customer-frame.ts";
import { note } from "../../parts/notes.ts";
import { viewerOf } from "../../viewer.ts";
import { type AgentsPage, agentsBody, emptyForm, expiryDays } from "./view.ts";

const newKeyForm = z.object({
  name: z.string().max(1_000).default(""),
  audience: z.enum(["business", "attendee"]).catch("attendee"),
  expiry: z.enum(["none", "days30", "days90", "days365"]).catch("none"),
});

type OfCustomer = { Params: { customer_id: string }; Querystring: { hecho?: string } };
type OfKey = { Params: { customer_id: string; key_id: string } };

/** The keys of a customer's agents. */
export const agentsRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, calendarApi, settings, now } = deps;
  const access = { action: "manage_keys", customer: "params" } as const;

  async function send(
    request: FastifyRequest<OfCustomer>,
    reply: FastifyReply,
    page: Pick<AgentsPage, "form" | "problem" | "made" | "isRevoked" | "trouble">,
  ): Promise<FastifyReply> {
    const viewer = viewerOf(request);
    const { customer_id: id } = request.params;
    const customer = await findExisting(deps.customers, id);
    const sendBody = (body: Html) =>
      pages.send(request, reply, customerPage(viewer, customer, { tab: "agents", body }));
    const common = { ...page, path: customerPath(id), url: settings.mcpUrl, now: now() };
    try {
      const { agent_keys: keys } = await calendarApi.forRequest(request.id).agentKeys({ customerId: id });
      return await sendBody(agentsBody(viewer, { ...common, keys }));
    } catch (error) {
      // A key is shown this once, and what was typed is kept, whatever becomes of the list.
      if (page.made !== undefined || page.trouble !== undefined) {
        request.log.warn({ err: error, customer_id: id }, "agent keys couldn't be listed");
        return sendBody(agentsBody(viewer, { ...common, keys: null }));
      }
      const { text, statusCode } = explainTrouble(viewer, error);
      reply.code(statusCode);
      return sendBody(note("bad", text));
    }
  }

  app.get<OfCustomer>("/clientes/:customer_id/agentes", { config: { access } }, (request, reply) =>
    send(request, reply, { form: emptyForm, isRevoked: request.query.hecho === "revocada" }),
  );

  // Answered by the page itself: the key is shown once, and must not stand in an address.
  app.post<OfCustomer>("/clientes/:customer_id/agentes", { config: { access } }, async (request, reply) => {
    const form = newKeyForm.parse(request.body ?? {});
    const name = form.name.trim();
    if (name === "" || name.length > 100) return send(request, reply.code(422), { form, problem: "name" });
    const days = expiryDays[form.expiry];
    const { customer_id: customerId } = request.params;
    const wanted = { name, audience: form.audience, ...(days !== undefined && { expires_in_days: days }) };
    let made: NewAgentKeyView;
    try {
      made = await calendarApi.forRequest(request.id).createAgentKey({ customerId }, wanted);
    } catch (error) {
      if (error instanceof CalendarApiError && error.code === "too_many_agent_keys")
        return send(request, reply.code(409), { form, problem: "tooMany" });
      const { text, statusCode } = explainTrouble(viewerOf(request), error, "change");
      return send(request, reply.code(statusCode), { form, trouble: text });
    }
    reply.code(201).header("cache-control", "no-store");
    return send(request, reply, { form: emptyForm, made });
  });

  app.post<OfKey>(
    "/clientes/:customer_id/agentes/:key_id/revocar",
    { config: { access } },
    async (request, reply) => {
      const { customer_id: customerId, key_id } = request.params;
      const keyId = z.coerce.number().int().positive().catch(0).parse(key_id);
      await calendarApi.forRequest(request.id).revokeAgentKey({ customerId }, keyId);
      return reply.redirect(`${customerPath(customerId)}/agentes?hecho=revocada`, 303);
    },
  );
};
