/**
 * The panel: pages for people, rendered on the server. What each page is made of stands in `pages/<page>` (routes, views,
 * words), what several share in `parts`, what changes while somebody watches in `live`. The pages do what the API does, by
 * the same stores and the same client of the calendar service; who may do what is decided in `../access`.
 */

import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Services } from "../services.ts";
import { type Assets, serveAssets } from "./assets.ts";
import type { Brand } from "./brand.ts";
import { liveRoutes } from "./live/routes.ts";
import { customersRoutes } from "./pages/customers/routes.ts";
import { explainError } from "./pages/errors/error-page.ts";
import { linkRoutes } from "./pages/link/routes.ts";
import { newCustomerRoutes } from "./pages/new-customer/routes.ts";
import { overviewRoutes } from "./pages/overview/routes.ts";
import { schedulePageRoutes } from "./pages/schedule/routes.ts";
import { signInRoutes } from "./pages/sign-in/routes.ts";
import { createPages, type Pages } from "./pages.ts";
import { findViewer, languageOf } from "./viewer.ts";

export type PanelOptions = { readonly services: Services; readonly brand: Brand; readonly publicUrl: string };

/** What the pages' routes work with. */
export type PageDeps = Services & { readonly pages: Pages };

export const panel: FastifyPluginAsync<PanelOptions> = async (app, { services, brand, publicUrl }) => {
  await app.register(formbody);
  await app.register(helmet, pageHeaders(publicUrl));
  const assets: Assets = await serveAssets(app);
  const pages = createPages({ assets, brand });
  app.addHook("preHandler", async (request) => {
    request.viewer =
      (await findViewer({ users: services.people.users, customers: services.customers }, request)) ?? null;
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => answerError(pages, error, request, reply));

  const deps: PageDeps = { ...services, pages };
  for (const routes of [
    ...[signInRoutes, overviewRoutes, customersRoutes, newCustomerRoutes, linkRoutes],
    ...[schedulePageRoutes],
    liveRoutes,
  ]) {
    await app.register(routes, deps);
  }
};

/** Nothing inline, nothing of others. WhatsApp's own redirects follow the form that opens a chat. */
function pageHeaders(publicUrl: string) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...{ defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], connectSrc: ["'self'"] },
        ...{ imgSrc: ["'self'", "data:"], baseUri: ["'none'"], frameAncestors: ["'none'"] },
        formAction: ["'self'", "https://wa.me", "https://api.whatsapp.com", "https://web.whatsapp.com"],
      },
    },
    frameguard: { action: "deny" as const },
    // Our own requests carry their origin; links to others carry nothing.
    referrerPolicy: { policy: "same-origin" as const },
    hsts: publicUrl.startsWith("https:") && { maxAge: 31_536_000 },
  };
}

function answerError(
  pages: Pages,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { viewer, id: requestId, url: path } = request;
  const language = viewer?.language ?? languageOf(request);
  const { statusCode, title, body } = explainError(error, { language, requestId, path });
  if (statusCode >= 500) request.log.error({ err: error }, "a page failed");
  reply.code(statusCode);
  if (viewer === null) return pages.sendAlone(request, reply, { title, body });
  return pages.send(request, reply, { title, section: "overview", body });
}
