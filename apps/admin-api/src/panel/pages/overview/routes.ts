import { html } from "@cita/http";
import type { FastifyPluginAsync } from "fastify";
import type { PageDeps } from "../../panel.ts";

export const overviewRoutes: FastifyPluginAsync<PageDeps> = async (app, { pages }) => {
  app.get("/", { config: { access: { action: "list_customers" } } }, (request, reply) =>
    pages.send(request, reply, { title: "Resumen", section: "overview", body: html`` }),
  );
};
