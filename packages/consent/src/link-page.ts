import type { IncomingHttpHeaders } from "node:http";
import type { ProviderClients } from "@cita/providers";
import type { ConsentLink, ConsentLinkState, TokenStore } from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { inAppBrowserPage, linkPage, requestLanguage, sendPage, sendResult } from "./pages.ts";
import { createState, type StateCookies } from "./state-cookies.ts";

export type LinkParams = { Params: { token: string } };

/** `GET /connect/:token`: the page that says who asks for which permission. It changes nothing. */
export function showLinkPage(store: TokenStore) {
  return async (request: FastifyRequest<LinkParams>, reply: FastifyReply) => {
    const link = await findLiveLink(store, request, reply);
    return link === undefined ? reply : sendLinkPage(request, reply, link);
  };
}

export type StartDeps = {
  readonly store: TokenStore;
  readonly clients: ProviderClients;
  readonly cookies: StateCookies;
};

/**
 * `POST /connect/:token` (the page's button) and `GET /connect/:token/google`: makes a state, binds it to the browser by a
 * cookie, and redirects to the provider. A client that isn't a person's browser gets the link page and no state.
 */
export function startAuthorization({ store, clients, cookies }: StartDeps) {
  return async (request: FastifyRequest<LinkParams>, reply: FastifyReply) => {
    const link = await findLiveLink(store, request, reply);
    if (link === undefined) return reply;
    // Google refuses embedded browsers. The link page says how to open it in another one.
    if (isInAppBrowser(request.headers["user-agent"])) {
      return reply.redirect(`/connect/${linkToken(request)}`, 303);
    }
    // Only a person submits the form.
    if (request.method !== "POST" && !isNavigation(request.method, request.headers)) {
      return sendLinkPage(request, reply, link);
    }
    const client = clients.get(link.provider);
    if (client === undefined) return sendLinkPage(request, reply, link);
    const { state, codeVerifier, codeChallenge } = createState();
    await store.consentLinks.startAttempt(link, state);
    cookies.add(request, reply, { state, codeVerifier });
    const loginHint = link.anyAccount ? null : link.customerEmail;
    return reply.redirect(client.authorizationUrl({ state, codeChallenge, loginHint }).href, 303);
  };
}

function sendLinkPage(
  request: FastifyRequest<LinkParams>,
  reply: FastifyReply,
  link: ConsentLink,
): FastifyReply {
  const language = requestLanguage(request);
  const page = isInAppBrowser(request.headers["user-agent"])
    ? inAppBrowserPage(language)
    : linkPage(language, link, `/connect/${linkToken(request)}`);
  return sendPage(reply, page);
}

/** Finds the live link of a request. @returns undefined where there is none; the error page was sent then. */
async function findLiveLink(
  store: TokenStore,
  request: FastifyRequest<LinkParams>,
  reply: FastifyReply,
): Promise<ConsentLink | undefined> {
  const link = await store.consentLinks.findByToken(linkToken(request));
  if (link?.state === "live") return link;
  const { status, code } = deadLinks[link?.state ?? "unknown"];
  await sendResult(request, reply.code(status), code);
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
 * Whether a user agent is an app's embedded web view. Google answers those with `403 disallowed_useragent`, so the
 * business has to open the link in its browser.
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
    !robots.test(headers["user-agent"] ?? "")
  );
}
