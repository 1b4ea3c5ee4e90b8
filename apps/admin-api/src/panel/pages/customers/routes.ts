import { cutPage, html } from "@cita/http";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { mayDo, scopeOf } from "../../../access/caller.ts";
import { icon } from "../../icons.ts";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import { customerListBody, type ListFilter } from "./list-view.ts";
import { customersWords } from "./words.ts";

const pageSize = 50;

/** What isn't a filter that we know narrows nothing: an address is typed by hand too. */
const listQuery = z.object({
  q: z.string().trim().max(100).catch("").default(""),
  status: z.enum(["pending", "connected", "reconnect_required", "disconnected"]).or(z.literal("")).catch(""),
  calendar_state: z
    .enum(["ok", "unreadable", "refused", "not_found", "unreachable", "unknown"])
    .or(z.literal(""))
    .catch(""),
  cursor: z.string().max(64).catch("").default(""),
});

/** The list of customers. */
export const customersRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, customerList, customerStates, now } = deps;
  app.get("/clientes", { config: { access: { action: "list_customers" } } }, async (request, reply) => {
    const viewer = viewerOf(request);
    const { caller, language } = viewer;
    if (caller.kind === "owner")
      return reply.redirect(`/clientes/${encodeURIComponent(caller.customerId)}`, 303);
    const filter: ListFilter = listQuery.parse(request.query ?? {});
    // Before the customers are read: the page then follows what has happened since.
    const lastEventId = await customerStates.lastEventId();
    const found = await customerList.search({
      scope: scopeOf(caller),
      ...{ after: filter.cursor, limit: pageSize + 1, q: filter.q },
      status: filter.status || undefined,
      calendarState: filter.calendar_state || undefined,
    });
    const { shown: customers, next_cursor: nextCursor } = cutPage(
      found,
      pageSize,
      (last) => last.customer_id,
    );
    const isAdmin = mayDo(caller, "administer", false);
    const words = customersWords[language];
    return pages.send(request, reply, {
      ...{ title: words.title, subtitle: words.subtitle, section: "customers" },
      actions: isAdmin
        ? html`<a class="button quiet" href="/clientes/importar">${icon("upload")}${words.importFile}</a><a class="button" href="/clientes/nuevo">${icon("add")}${words.add}</a>`
        : undefined,
      body: customerListBody(viewer, {
        ...{ filter, customers, nextCursor, isAdmin, lastEventId },
        row: { language, now: now(), mayMend: mayDo(caller, "change_customer", true) },
      }),
    });
  });
};
