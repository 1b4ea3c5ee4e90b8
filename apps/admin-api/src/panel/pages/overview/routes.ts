import type { FastifyPluginAsync } from "fastify";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import { readOverview } from "./read-overview.ts";
import { overviewBody } from "./view.ts";
import { overviewWords } from "./words.ts";

/** The first page: how the businesses are, and what needs somebody now. */
export const overviewRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  app.get("/", { config: { access: { action: "list_customers" } } }, async (request, reply) => {
    const viewer = viewerOf(request);
    const { caller, language, name } = viewer;
    if (caller.kind === "owner")
      return reply.redirect(`/clientes/${encodeURIComponent(caller.customerId)}`, 303);
    const words = overviewWords[language];
    return deps.pages.send(request, reply, {
      ...{ title: words.title, subtitle: words.greeting(name), section: "overview" },
      body: overviewBody(viewer, await readOverview(deps, caller)),
    });
  });
};
