import { createAuthorizationRequest, type GoogleClientConfig } from "@cita/providers";
import type { TokenStore } from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AttemptCookies } from "./attempt-cookies.ts";
import { isInAppBrowser } from "./in-app-browser.ts";
import { isNavigation } from "./is-navigation.ts";
import { type LinkParams, linkTokenOf, liveLink, sendLinkPage } from "./link-page.ts";

export type StartDeps = { store: TokenStore; google: GoogleClientConfig; cookies: AttemptCookies };

/**
 * `POST /connect/:token` (the Continue button) and `GET /connect/:token/google`: starts an attempt in
 * this browser, by a cookie of its own, and sends it to Google. Whoever follows links for nobody gets the
 * link page, and starts nothing.
 */
export function startConsent({ store, google, cookies }: StartDeps) {
  return async (request: FastifyRequest<LinkParams>, reply: FastifyReply) => {
    const link = await liveLink(store, request, reply);
    if (link === undefined) return reply;
    // Google refuses embedded browsers; our page says how to get out of them.
    if (isInAppBrowser(request.headers["user-agent"]))
      return reply.redirect(`/connect/${linkTokenOf(request)}`, 303);
    // Nobody presses the button but a person.
    if (request.method !== "POST" && !isNavigation(request.method, request.headers))
      return sendLinkPage(request, reply, link);
    const loginHint = link.anyAccount ? null : link.customerEmail;
    const { url, ...attempt } = createAuthorizationRequest(google, loginHint);
    await store.consentLinks.startAttempt(link, attempt.state);
    cookies.add(request, reply, attempt);
    return reply.redirect(url.href, 303);
  };
}
