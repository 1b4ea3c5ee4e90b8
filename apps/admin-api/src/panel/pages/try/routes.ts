import { randomUUID } from "node:crypto";
import type { Schedule } from "@cita/calendar-api";
import type { Html } from "@cita/http";
import { addDays } from "@cita/scheduling";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { findExisting } from "../../../customers/customer-store.ts";
import type { PageDeps } from "../../panel.ts";
import type { NamedServices } from "../../parts/bookings.ts";
import { explainTrouble } from "../../parts/calendar-trouble.ts";
import { customerPage, customerPath } from "../../parts/customer-frame.ts";
import { dateIn } from "../../parts/days.ts";
import { note } from "../../parts/notes.ts";
import { viewerOf } from "../../viewer.ts";
import { readOutcome } from "./answer.ts";
import type { CalledTool } from "./result-view.ts";
import { type CallForm, callForm, changingTools, type ToolName, toolNames, toToolCall } from "./tool-call.ts";
import { tryBody } from "./view.ts";

type OfCustomer = { Params: { customer_id: string }; Querystring: { herramienta?: string } };

/** Calling the tools as an agent would. */
export const tryRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, calendarApi, settings, now } = deps;
  const access = { action: "change_customer", customer: "params" } as const;
  const url = "/clientes/:customer_id/probar";

  async function send(
    request: FastifyRequest<OfCustomer>,
    reply: FastifyReply,
    shown: { readonly form: CallForm; readonly called?: CalledTool; readonly trouble?: string },
  ): Promise<FastifyReply> {
    const viewer = viewerOf(request);
    const { customer_id: id } = request.params;
    const customer = await findExisting(deps.customers, id);
    const sendBody = (body: Html) =>
      pages.send(request, reply, customerPage(viewer, customer, { tab: "try", body }));
    const sendForm = (schedule: NamedServices & Pick<Schedule, "time_zone">) => {
      const tomorrow = addDays(dateIn(schedule.time_zone ?? "UTC", now()), 1);
      const { form } = shown;
      const filled = { ...form, fecha: form.fecha || tomorrow, clave: form.clave || randomUUID() };
      const page = { ...shown, form: filled, schedule, url: settings.mcpUrl, path: customerPath(id) };
      return sendBody(tryBody(viewer, { ...page, tool: toolOf(request) }));
    };
    try {
      return await sendForm(await calendarApi.forRequest(request.id).schedule(id));
    } catch (error) {
      const { text, statusCode } = explainTrouble(viewer, error);
      // What was typed, and what came of a call, is shown without the schedule, too.
      if (shown.called !== undefined || shown.trouble !== undefined)
        return sendForm({ services: [], time_zone: null });
      reply.code(statusCode);
      return sendBody(note("bad", text));
    }
  }

  app.get<OfCustomer>(url, { config: { access } }, (request, reply) =>
    send(request, reply, { form: callForm.catch(callForm.parse({})).parse(request.query) }),
  );

  app.post<OfCustomer>(url, { config: { access } }, async (request, reply) => {
    const form = callForm.parse(request.body ?? {});
    const call = toToolCall(toolOf(request), form);
    const begun = performance.now();
    try {
      const { customer_id: id } = request.params;
      const { statusCode, language, body } = await calendarApi.forRequest(request.id).mcp(id, call);
      const called = { call, answer: body, outcome: readOutcome(body), statusCode, language };
      return await send(request, reply, { form, called: { ...called, tookMs: performance.now() - begun } });
    } catch (error) {
      const asked = changingTools.has(toolOf(request)) ? "change" : "reading";
      const { text, statusCode } = explainTrouble(viewerOf(request), error, asked);
      return send(request, reply.code(statusCode), { form, trouble: text });
    }
  });
};

function toolOf({ query }: FastifyRequest<OfCustomer>): ToolName {
  return toolNames.find((name) => name === query.herramienta) ?? "get_available_slots";
}
