import type { IncomingHttpHeaders } from "node:http";
import type { Limiter } from "@cita/http";
import { type Brand, logoSources } from "@cita/http/brand";
import type { ProviderClient, ProviderClients } from "@cita/providers";
import type { ConsentLink, ConsentLinkState, TokenStore } from "@cita/token-store";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { type CallbackDeps, type CallbackParams, handleCallback } from "./callback.ts";
import { cardImage } from "./card-image.ts";
import { createPages, type LinkPage, languageNamedBy, type Pages } from "./pages.ts";
import { cardPath } from "./preview-card.ts";
import type { Language } from "./provider-words.ts";
import { createState, createStateCookies, type StateCookies } from "./state-cookies.ts";

export type ConsentRoutesOptions = Omit<CallbackDeps & StartDeps, "cookies" | "pages"> & {
  /** Who asks for the consent. */
  readonly brand: Brand;
  /** Where this service is reached from outside, without a trailing slash. */
  readonly publicUrl: string;
  /** In epoch milliseconds. */
  readonly now: () => number;
  /** Separate limits, so that opening many links doesn't keep a business from finishing its consent. */
  readonly limits: { readonly linkPages: Limiter; readonly callbacks: Limiter };
};

/**
 * `GET` and `POST` of `/connect/:token` and `/connect/:token/:provider`, and the callback of each configured provider. Their
 * pages are never cached or indexed.
 */
export const consentRoutes: FastifyPluginAsync<ConsentRoutesOptions> = async (app, options) => {
  const { clients, publicUrl, limits, now, brand } = options;
  const pages = createPages(brand, publicUrl);
  await app.register(formbody, { bodyLimit: 1024 });
  await app.register(helmet, pageHeaders(clients, { publicUrl, brand, pages }));
  await app.register(cookie);
  const cookies = createStateCookies({ secure: publicUrl.startsWith("https:"), now });

  app.addHook("onSend", async (_request, reply) => {
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    reply.header("x-robots-tag", "noindex, nofollow");
  });
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const statusCode = error.statusCode ?? 500;
    if (statusCode >= 500) request.log.error({ err: error }, "a page failed");
    return pages.sendResult(
      request,
      reply.code(statusCode),
      statusCode >= 500 ? "server_error" : "link_unknown",
    );
  });

  const deps = { ...options, cookies, pages };
  const start = startAuthorization(deps);
  const linkPages = { onRequest: refuseAbove(limits.linkPages, pages) };
  app.get(cardPath, (_request, reply) =>
    reply.type("image/png").header("cache-control", "public, max-age=86400").send(cardImage),
  );
  app.get<LinkParams>("/connect/:token", linkPages, showLinkPage(deps));
  app.post<LinkParams>("/connect/:token", linkPages, start);
  app.get<LinkParams>("/connect/:token/:provider", linkPages, start);
  app.post<LinkParams>("/connect/:token/:provider", linkPages, start);
  const callbacks = { onRequest: refuseAbove(limits.callbacks, pages), exposeHeadRoute: false };
  for (const client of clients.values()) {
    const handle = handleCallback(deps, client);
    app.get<CallbackParams>(client.provider.callbackPath, callbacks, handle);
  }
};

/** Answers requests beyond a limit with a page. Neither link nor state is consumed, so loading again later works. */
function refuseAbove(limiter: Limiter, pages: Pages) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const waitSeconds = await limiter.take(request);
    if (waitSeconds === undefined) return undefined;
    return pages.sendResult(request, reply.code(429).header("retry-after", waitSeconds), "too_many_visits");
  };
}

/** Chromium applies `form-action` to the redirect after a form post, so the providers' origins are allowed too. */
function pageHeaders(
  clients: ProviderClients,
  { publicUrl, brand, pages }: { publicUrl: string; brand: Brand; pages: Pages },
) {
  const origins = [...clients.values()].map(({ authorizationOrigin }) => authorizationOrigin);
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [pages.styleHash],
        imgSrc: ["data:", ...logoSources(brand)],
        formAction: ["'self'", ...new Set(origins)],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    frameguard: { action: "deny" as const },
    referrerPolicy: { policy: "no-referrer" as const },
    hsts: publicUrl.startsWith("https:") && { maxAge: 31_536_000 },
  };
}

type LinkParams = { Params: { token: string; provider?: string } };

/** `GET /connect/:token`: the page that says who asks for which permission. It changes nothing. */
function showLinkPage(deps: LinkDeps) {
  return async (request: FastifyRequest<LinkParams>, reply: FastifyReply) => {
    const found = await findLiveLink(deps, request, reply);
    return found === undefined ? reply : sendLinkPage(deps, request, reply, found);
  };
}

type LinkDeps = {
  readonly store: TokenStore;
  readonly clients: ProviderClients;
  readonly pages: Pages;
  /** In which people read of a customer's appointments. */
  readonly findLanguage: (customerId: string) => Promise<Language>;
};

type StartDeps = LinkDeps & { readonly cookies: StateCookies };

/** A live link, with our clients at the providers that the business may choose. */
type LiveLink = { readonly link: ConsentLink; readonly choice: readonly ProviderClient[] };

/**
 * `POST` (a button of the page) and `GET /connect/:token/:provider`: makes a state, binds it to the browser by a cookie, and
 * redirects to the provider. A client that isn't a person's browser gets the link page and no state, and so does whoever
 * has to choose first.
 */
function startAuthorization({ cookies, ...deps }: StartDeps) {
  return async (request: FastifyRequest<LinkParams>, reply: FastifyReply) => {
    const found = await findLiveLink(deps, request, reply);
    if (found === undefined) return reply;
    const { link, choice } = found;
    // Providers may refuse embedded browsers. The link page says how to open it in another one.
    if (isInAppBrowser(request.headers["user-agent"])) {
      return reply.redirect(`/connect/${linkToken(request)}`, 303);
    }
    // Only a person submits the form.
    if (request.method !== "POST" && !isNavigation(request.method, request.headers)) {
      return sendLinkPage(deps, request, reply, found);
    }
    const { provider: chosen } = request.params;
    const client =
      chosen === undefined && choice.length === 1
        ? choice[0]
        : choice.find(({ provider }) => provider.id === chosen);
    if (client === undefined) return sendLinkPage(deps, request, reply, found);
    const { clientId, redirectUri } = client;
    const { state, codeVerifier, codeChallenge } = createState();
    const target = { provider: client.provider.id, clientId, redirectUri };
    await deps.store.consentLinks.startAttempt(link, state, target);
    cookies.add(request, reply, { state, codeVerifier });
    const loginHint = link.anyAccount ? null : link.customerEmail;
    return reply.redirect(client.authorizationUrl({ state, codeChallenge, loginHint }).href, 303);
  };
}

async function sendLinkPage(
  { pages, findLanguage }: LinkDeps,
  request: FastifyRequest<LinkParams>,
  reply: FastifyReply,
  { link, choice }: LiveLink,
): Promise<FastifyReply> {
  const { "user-agent": userAgent, "accept-language": accepted } = request.headers;
  const providers = choice.map(({ provider }) => provider);
  const page: LinkPage = { link, providers, path: `/connect/${linkToken(request)}` };
  if (isInAppBrowser(userAgent)) return pages.sendInApp(request, reply, page);
  // A browser says what it asks for, whatever it is called.
  if (!isRobot(userAgent) || request.headers["sec-fetch-dest"] === "document")
    return pages.sendLink(request, reply, page);
  const language = languageNamedBy(accepted) ?? (await findLanguage(link.customerId));
  return pages.sendCard(reply, page, language);
}

/** Finds the live link of a request. @returns undefined where there is none; the error page was sent then. */
async function findLiveLink(
  { store, clients, pages }: LinkDeps,
  request: FastifyRequest<LinkParams>,
  reply: FastifyReply,
): Promise<LiveLink | undefined> {
  const { provider: chosen } = request.params;
  // What a chat takes along behind a link isn't a provider: it is another, unknown address.
  const isAddress = chosen === undefined || clients.has(chosen);
  const link = isAddress ? await store.consentLinks.findByToken(linkToken(request)) : undefined;
  if (link?.state === "live") {
    const choice = [...clients.values()].filter(
      ({ provider }) => link.provider === null || link.provider === provider.id,
    );
    if (choice.length > 0) return { link, choice };
    request.log.error({ customer_id: link.customerId }, "a link names a provider that isn't configured");
    await pages.sendResult(request, reply.code(503), "server_error");
    return undefined;
  }
  const { status, code } = deadLinks[link?.state ?? "unknown"];
  await pages.sendResult(request, reply.code(status), code);
  return undefined;
}

type DeadLink = { status: number; code: "link_unknown" | "link_expired" | "link_revoked" | "link_used" };

const deadLinks: Record<Exclude<ConsentLinkState, "live"> | "unknown", DeadLink> = {
  unknown: { status: 404, code: "link_unknown" },
  expired: { status: 410, code: "link_expired" },
  revoked: { status: 410, code: "link_revoked" },
  used: { status: 410, code: "link_used" },
};

/**
 * The token of a link without punctuation that chats append to an address. A token has 43 characters (32 bytes in
 * base64url). With another letter, digit or hyphen it is a different, unknown token.
 */
function linkToken({ params }: FastifyRequest<LinkParams>): string {
  return /^([\w-]{43})[^A-Za-z0-9-]*$/.exec(params.token)?.[1] ?? params.token;
}

/** Real user agents have a few hundred characters. */
const maxUserAgentLength = 1_024;

const webViews = [/; wv\)/, /\bFBA[NV]\b/, /Instagram/, /Line\//, /GSA\//];

/**
 * Whether a user agent is an app's embedded web view, where providers may refuse to sign anybody in, as Google does
 * (`403 disallowed_useragent`): the business has to open the link in its browser.
 * @see https://developers.google.com/identity/protocols/oauth2/policies#browsers
 */
export function isInAppBrowser(userAgent: string | undefined): boolean {
  const text = (userAgent ?? "").slice(0, maxUserAgentLength);
  return webViews.some((webView) => webView.test(text)) || isWhatsAppOnPhone(text);
}

/** WhatsApp's preview bot names no device. */
function isWhatsAppOnPhone(userAgent: string): boolean {
  const begin = userAgent.indexOf("WhatsApp/");
  return begin >= 0 && /iPhone|Android/.test(userAgent.slice(begin));
}

/**
 * Headers by which browsers mark a prefetch: Chromium and Firefox by `Sec-Purpose`
 * (https://wicg.github.io/nav-speculation/prefetch.html), older ones and scripts by the others.
 */
const purposeHeaders = ["sec-purpose", "purpose", "x-sec-purpose", "x-purpose", "x-moz"];

/** Previews and crawlers. Cubot is a brand of phones. */
const robots =
  /(?<!cu)bot\b|crawl|spider|preview|externalhit|externalagent|^WhatsApp\/|facebookcatalog|Slack|Skype/i;

function isRobot(userAgent = ""): boolean {
  return robots.test(userAgent.slice(0, maxUserAgentLength));
}

/**
 * Whether a person's browser navigates to this address, and not a prefetcher, a preview or a link checker. A client that
 * sends none of these headers counts as a person's.
 */
function isNavigation(method: string, headers: IncomingHttpHeaders): boolean {
  const destination = headers["sec-fetch-dest"];
  return (
    method !== "HEAD" &&
    (destination === undefined || destination === "document") &&
    !purposeHeaders.some((name) => /prefetch|prerender|preview/i.test(String(headers[name] ?? ""))) &&
    !isRobot(headers["user-agent"])
  );
}
