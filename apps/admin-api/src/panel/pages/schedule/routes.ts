import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { isSafe } from "../../../access/csrf.ts";
import type { ListedCustomer } from "../../../customers/customer-list.ts";
import { findExisting } from "../../../customers/customer-store.ts";
import type { PageDeps } from "../../panel.ts";
import { customerPage, customerPath } from "../../parts/customer-frame.ts";
import { viewerOf } from "../../viewer.ts";
import { type Edited, openSchedule, readPreview, saveSchedule } from "./editing.ts";
import { previewBody } from "./preview-view.ts";
import { type Fields, readFields, readForm } from "./read-form.ts";
import { changeRows } from "./row-actions.ts";
import { type SchedulePage, scheduleBody } from "./view.ts";

type OfCustomer = { Params: { customer_id: string } };

/** More than the largest schedule takes as the fields of a form. */
const bodyLimit = 1024 * 1024;

/** When a customer can be booked, and for what: its editor with a preview. */
export const schedulePageRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, calendarApi } = deps;
  const change = { access: { action: "change_customer", customer: "params" } } as const;
  const path = "/clientes/:customer_id/horario";

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    customer: ListedCustomer,
    page: Omit<SchedulePage, "path" | "isTyped">,
  ): Promise<FastifyReply> {
    const own = `${customerPath(customer.customer_id)}/horario`;
    const viewer = viewerOf(request);
    const body = scheduleBody(viewer, { ...page, path: own, isTyped: !isSafe(request) });
    return pages.send(request, reply, customerPage(viewer, customer, { tab: "schedule", body }));
  }

  app.get<OfCustomer & { Querystring: { guardado?: string } }>(
    path,
    { config: { access: { action: "read_customer", customer: "params" } } },
    async (request, reply) => {
      const customer = await findExisting(deps.customers, request.params.customer_id);
      const opened = await openSchedule(calendarApi.forRequest(request.id), customer.customer_id);
      const isSaved = request.query.guardado !== undefined;
      return send(request, reply, customer, { ...opened, ...(isSaved && { notice: "saved" as const }) });
    },
  );

  app.post<OfCustomer>(path, { config: change, bodyLimit }, async (request, reply) => {
    const customer = await findExisting(deps.customers, request.params.customer_id);
    const fields = readFields(request.body);
    const edited = readEdited(request, fields);
    const { form, version } = edited;
    const action = fields.get("action") ?? "save";
    const previewService = fields.get("preview_service") ?? "";
    const changed = changeRows(form, action);
    if (changed !== undefined) return send(request, reply, customer, { ...changed, version, previewService });
    const api = calendarApi.forRequest(request.id).forCustomer(customer);
    if (action === "preview") {
      const preview = await readPreview(api, edited, previewService);
      return send(request, reply, customer, { form, version, previewService, preview });
    }
    const result = await saveSchedule(api, edited);
    if (!result.isSaved) return send(request, reply.code(result.statusCode), customer, result.page);
    return reply.redirect(`${customerPath(customer.customer_id)}/horario?guardado=1`, 303);
  });

  app.post<OfCustomer>(`${path}/vista-previa`, { config: change, bodyLimit }, async (request, reply) => {
    await findExisting(deps.customers, request.params.customer_id);
    const fields = readFields(request.body);
    const edited = readEdited(request, fields);
    const service = fields.get("preview_service") ?? "";
    const preview = await readPreview(calendarApi.forRequest(request.id), edited, service);
    return reply.type("text/html; charset=utf-8").send(previewBody(edited.language, preview).html);
  });
};

function readEdited(request: FastifyRequest<OfCustomer>, fields: Fields): Edited {
  const text = (name: string) => (fields.get(name) ?? "").slice(0, 500);
  return {
    customerId: request.params.customer_id,
    form: readForm(fields),
    // It becomes a header: what can't be in one is no version, and must not count as none given.
    version: {
      eTag: text("etag").replaceAll(/[^\x21-\x7e]/g, "?"),
      fingerprint: text("fingerprint"),
      timeZone: text("zone"),
    },
    language: viewerOf(request).language,
  };
}
