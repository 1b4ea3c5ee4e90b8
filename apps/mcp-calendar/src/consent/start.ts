import type { TokenStore } from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { BrowserLeg } from "./browser-leg.ts";
import { isInAppBrowser } from "./in-app-browser.ts";
import { type LinkParams, liveLink } from "./link-page.ts";

/**
 * `POST /connect/:token` (the Continue button) and `GET /connect/:token/google`: starts an attempt in
 * this browser, by state and verifier cookies, and sends it to Google.
 */
export function startConsent(store: TokenStore, browserLeg: BrowserLeg) {
  return async (request: FastifyRequest<LinkParams>, reply: FastifyReply) => {
    const link = await liveLink(store, request, reply);
    if (link === undefined) return reply;
    // Google refuses embedded browsers; our page says how to get out of them.
    if (isInAppBrowser(request.headers["user-agent"]))
      return reply.redirect(`/connect/${request.params.token}`, 303);
    const { url, state } = await browserLeg.begin(request, reply);
    await store.consentLinks.startAttempt(link, state);
    if (link.customerEmail !== null && !link.anyAccount)
      url.searchParams.set("login_hint", link.customerEmail);
    return reply.redirect(url.href, 303);
  };
}
