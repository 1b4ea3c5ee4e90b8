import { createHmac, timingSafeEqual } from "node:crypto";
import { isLoopbackOrigin } from "@cita/http";
import type { FastifyRequest } from "fastify";

/** The hidden field of forms, and the header of scripts. */
export const csrfField = "csrf";
export const csrfHeader = "x-csrf-token";

/** The hidden field that says whose form it is, by which one that arrives without a session is given back to nobody else. */
export const senderField = "sent_by";

/** A form or a script of another site has sent the request, or one whose session has ended since. */
export class CrossSiteRequestError extends Error {
  override readonly name = "CrossSiteRequestError";
  readonly code = "cross_site_request";
  readonly statusCode = 403;
  constructor() {
    super(
      "This was sent from another site, or from a page of a session that has ended: open the page again.",
    );
  }
}

/** The token that forms of this browser carry; "": it has neither a session nor a visitor's cookie, and no form passes. */
export function csrfTokenOf({ cookieSecret }: FastifyRequest): string {
  return cookieSecret === null ? "" : createHmac("sha256", cookieSecret).update("csrf").digest("base64url");
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

export function isSafe({ method }: FastifyRequest): boolean {
  return safeMethods.has(method);
}

/**
 * Whether the page that has sent the request is ours. Browsers say so in `Sec-Fetch-Site`; older ones in `Origin`.
 * @param publicOrigin where browsers reach us.
 */
export function isSameOrigin({ headers, protocol, host }: FastifyRequest, publicOrigin: string): boolean {
  const { origin, "sec-fetch-site": site } = headers;
  if (site !== undefined) return site === "same-origin";
  if (origin === undefined) return false;
  return origin === publicOrigin || (isLoopbackOrigin(origin) && origin === `${protocol}://${host}`);
}

/** Whether a form's field or a script's header has the token of this browser. */
export function hasCsrfToken(request: FastifyRequest): boolean {
  const expected = Buffer.from(csrfTokenOf(request));
  const given = Buffer.from(givenToken(request));
  return expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected);
}

/** Of an HMAC with SHA-256. */
const tokenFormat = /^[\w-]{43}$/;

/** Whether there is a token that may be of a session before: a form that has none was never on a page of ours. */
export function hasTokenOfOther(request: FastifyRequest): boolean {
  return tokenFormat.test(givenToken(request)) && !hasCsrfToken(request);
}

function givenToken({ headers, body }: FastifyRequest): string {
  return String(headers[csrfHeader] ?? fieldOf(body) ?? "");
}

function fieldOf(body: unknown): unknown {
  return typeof body === "object" && body !== null && csrfField in body ? body[csrfField] : undefined;
}
