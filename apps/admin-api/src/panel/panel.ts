/**
 * The panel: pages for people, rendered on the server. What each page is made of stands in `pages/<page>` (routes, views,
 * words), what several share in `parts`, what changes while somebody watches in `live`. The pages do what the API does, by
 * the same stores and the same client of the calendar service; who may do what is decided in `../access`.
 */

import { type ErrorAnswers, findNul, type Limiter } from "@cita/http";
import { type Brand, logoSources } from "@cita/http/brand";
import formbody from "@fastify/formbody";
import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import type {
  FastifyError,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import { ZodError } from "zod";
import { isSafe } from "../access/csrf.ts";
import { ForbiddenError } from "../access/guard-routes.ts";
import { expectWithin } from "../people/auth-routes.ts";
import type { Services } from "../services.ts";
import { createAnswerNobody } from "./answer-nobody.ts";
import { createAnswerStaleForm } from "./answer-stale-form.ts";
import { readAssets, serveAssets } from "./assets.ts";
import { liveRoutes } from "./live/routes.ts";
import { accountRoutes } from "./pages/account/routes.ts";
import { activityPageRoutes, customerActivityRoutes } from "./pages/activity/routes.ts";
import { agentsRoutes } from "./pages/agents/routes.ts";
import { bookingsRoutes } from "./pages/bookings/routes.ts";
import { customersRoutes } from "./pages/customers/routes.ts";
import { type ErrorContext, explainError } from "./pages/errors/error-page.ts";
import { factsRoutes } from "./pages/facts/routes.ts";
import { importRoutes } from "./pages/import/routes.ts";
import { integrationsRoutes } from "./pages/integrations/routes.ts";
import { linkRoutes } from "./pages/link/routes.ts";
import { newCustomerRoutes } from "./pages/new-customer/routes.ts";
import { oneTimeLinkRoutes } from "./pages/one-time-links/routes.ts";
import { overviewRoutes } from "./pages/overview/routes.ts";
import { peoplePageRoutes } from "./pages/people/routes.ts";
import { schedulePageRoutes } from "./pages/schedule/routes.ts";
import { createSendSignIn, type SendSignIn, signInRoutes } from "./pages/sign-in/routes.ts";
import { tryRoutes } from "./pages/try/routes.ts";
import { webhooksRoutes } from "./pages/webhooks/routes.ts";
import { weekRoutes } from "./pages/week/routes.ts";
import { createPages, type Pages } from "./pages.ts";
import { customerPath } from "./parts/customer-frame.ts";
import { note } from "./parts/notes.ts";
import { findViewer, languageOf } from "./viewer.ts";

export type PanelOptions = {
  readonly services: Services;
  readonly brand: Brand;
  readonly publicUrl: string;
  /** Whether people may sign in with Google. */
  readonly hasGoogle: boolean;
  /** Of each address, at links that count once. */
  readonly limit: Limiter;
};

/** What the pages' routes work with. */
export type PageDeps = Services & {
  readonly pages: Pages;
  readonly publicUrl: string;
  readonly sendSignIn: SendSignIn;
  /** Counts a request at a link that counts once. @throws AuthenticationError `slow_down` */
  readonly limitLinks: (request: FastifyRequest) => Promise<void>;
};

export type Panel = {
  /** What somebody without a session is answered who asks for a page. */
  readonly answerNobody: ReturnType<typeof createAnswerNobody>;
  /** What somebody is answered whose form is of a session before theirs. */
  readonly answerStaleForm: ReturnType<typeof createAnswerStaleForm>;
  /** What somebody is answered whose browser asks for what isn't there. */
  readonly answerNotFound: NonNullable<ErrorAnswers["answerNotFound"]>;
  /** To be registered once who calls is known. */
  readonly routes: FastifyPluginAsync;
};

/** Reads what the pages are made of. @param app gets `reply.helmet`, by which pages have their headers. */
export async function createPanel(app: FastifyInstance, options: PanelOptions): Promise<Panel> {
  const { services, brand, publicUrl, limit } = options;
  const { integrationsApi } = services;
  const hasIntegrations = integrationsApi !== undefined;
  await app.register(helmet, { global: false });
  app.decorateRequest("viewer", null);
  const assets = await readAssets(brand);
  const pages = createPages({ assets, brand }, pageHeaders(publicUrl, brand));
  const sendSignIn = createSendSignIn(pages, { ...services, hasGoogle: options.hasGoogle });
  return {
    answerNobody: createAnswerNobody({
      publicUrl,
      sendSignIn: (request, reply, unsent) => sendSignIn(request, reply, { unsent }),
    }),
    answerStaleForm: createAnswerStaleForm(pages),
    answerNotFound: async (request, reply) => {
      if (!request.headers.accept?.includes("text/html")) return undefined;
      const { statusCode, title, body } = explainError(
        { statusCode: 404, code: "not_found" },
        contextOf(request),
      );
      return pages.sendAlone(request, reply.code(statusCode), { title, body });
    },
    routes: async (scope) => {
      scope.addHook("onRoute", (route) => {
        route.config = { ...route.config, isPage: true };
      });
      await scope.register(formbody);
      scope.addHook("preValidation", refuseNul);
      await scope.register(serveAssets, assets);
      scope.addHook("preHandler", async (request) => {
        const { people, customers } = services;
        const who = { users: people.users, customers, hasIntegrations };
        request.viewer = (await findViewer(who, request)) ?? null;
        // Pages are for people: a program has the API.
        if (request.viewer === null && request.routeOptions.config.access !== "public")
          throw new ForbiddenError();
      });
      scope.setErrorHandler<FastifyError>((error, request, reply) =>
        answerError(pages, error, request, reply),
      );
      const limitLinks = (request: FastifyRequest) => expectWithin(limit, request);
      const deps: PageDeps = { ...services, pages, publicUrl, sendSignIn, limitLinks };
      for (const routes of pageRoutes) await scope.register(routes, deps);
      if (integrationsApi !== undefined)
        for (const routes of [integrationsRoutes, webhooksRoutes])
          await scope.register(routes, { ...deps, integrationsApi });
    },
  };
}

const pageRoutes: readonly FastifyPluginAsync<PageDeps>[] = [
  signInRoutes,
  overviewRoutes,
  customersRoutes,
  newCustomerRoutes,
  importRoutes,
  linkRoutes,
  factsRoutes,
  customerActivityRoutes,
  schedulePageRoutes,
  peoplePageRoutes,
  activityPageRoutes,
  accountRoutes,
  oneTimeLinkRoutes,
  bookingsRoutes,
  weekRoutes,
  agentsRoutes,
  tryRoutes,
  liveRoutes,
];

/** The pages' routes have no schemas that would. */
async function refuseNul({ query, body }: FastifyRequest): Promise<void> {
  if (findNul([query, body]) !== undefined)
    throw Object.assign(new Error("The character U+0000 isn't stored."), { statusCode: 400 });
}

/** Nothing inline, and of others only the operator's logo. WhatsApp's own redirects follow the form that opens a chat. */
function pageHeaders(publicUrl: string, brand: Brand): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...{ defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], connectSrc: ["'self'"] },
        ...{
          imgSrc: ["'self'", "data:", ...logoSources(brand)],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
        formAction: ["'self'", "https://wa.me", "https://api.whatsapp.com", "https://web.whatsapp.com"],
      },
    },
    frameguard: { action: "deny" },
    // Our own requests carry their origin; links to others carry nothing.
    referrerPolicy: { policy: "same-origin" },
    hsts: publicUrl.startsWith("https:") && { maxAge: 31_536_000 },
  };
}

async function answerError(
  pages: Pages,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { viewer } = request;
  // No page of ours sends a form that can't be read.
  const explained = error instanceof ZodError ? { statusCode: 400, code: "invalid_request" } : error;
  const { statusCode, title, body } = explainError(explained, contextOf(request));
  if (statusCode >= 500) request.log.error({ err: error }, "a page failed");
  reply.code(statusCode);
  // A part of a page says it in its place.
  if (request.headers["hx-request"] === "true")
    return reply.type("text/html; charset=utf-8").send(note("bad", title).html);
  if (viewer === null) return pages.sendAlone(request, reply, { title, body });
  return pages.send(request, reply, { title, section: "overview", body });
}

function contextOf(request: FastifyRequest): ErrorContext {
  const { viewer, id: requestId, url, routeOptions, params, server } = request;
  const { customer_id: customerId } = (params ?? {}) as { customer_id?: string };
  const isPage = isSafe(request) || server.hasRoute({ method: "GET", url: routeOptions.url ?? "" });
  return {
    ...{ language: viewer?.language ?? languageOf(request), requestId },
    retryPath: isPage ? url : undefined,
    customerPath: customerId === undefined ? undefined : customerPath(customerId),
    isChange: !isSafe(request),
  };
}
