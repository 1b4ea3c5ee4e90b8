import type { ConsentLink, ConsentLinkState, TokenStore } from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type EndingCode, endingPage, inAppBrowserPage, linkPage } from "./consent-pages.ts";
import { isInAppBrowser } from "./in-app-browser.ts";
import { chooseLanguage, type Language, wordingOf } from "./wording.ts";

export type LinkParams = { Params: { token: string } };

const deadLinks: Record<
  Exclude<ConsentLinkState, "live"> | "unknown",
  { status: number; code: DeadLinkCode }
> = {
  unknown: { status: 404, code: "link_unknown" },
  expired: { status: 410, code: "link_expired" },
  revoked: { status: 410, code: "link_revoked" },
  used: { status: 410, code: "link_used" },
};
type DeadLinkCode = "link_unknown" | "link_expired" | "link_revoked" | "link_used";

/** `GET /connect/:token`: says what is asked and by whom. Safe to open any number of times, by anybody. */
export function showLinkPage(store: TokenStore) {
  return async (request: FastifyRequest<LinkParams>, reply: FastifyReply) => {
    const link = await liveLink(store, request, reply);
    if (link === undefined) return reply;
    return sendLinkPage(request, reply, link);
  };
}

export function sendLinkPage(
  request: FastifyRequest<LinkParams>,
  reply: FastifyReply,
  link: ConsentLink,
): FastifyReply {
  const language = languageOf(request);
  const page = isInAppBrowser(request.headers["user-agent"])
    ? inAppBrowserPage(language)
    : linkPage(language, link, `/connect/${linkTokenOf(request)}`);
  return sendPage(reply, page);
}

/**
 * The token of a link, without what chats append to an address: a full stop, a bracket, the marks of bold and italic.
 * A token has 43 characters (32 bytes in base64url). A letter, digit or hyphen more makes it another, unknown token.
 */
export function linkTokenOf({ params }: FastifyRequest<LinkParams>): string {
  return /^([\w-]{43})[^A-Za-z0-9-]*$/.exec(params.token)?.[1] ?? params.token;
}

/** The live link a request names; otherwise the answer has been sent. */
export async function liveLink(
  store: TokenStore,
  request: FastifyRequest<LinkParams>,
  reply: FastifyReply,
): Promise<ConsentLink | undefined> {
  const link = await store.consentLinks.findByToken(linkTokenOf(request));
  if (link?.state === "live") return link;
  const { status, code } = deadLinks[link?.state ?? "unknown"];
  await sendEnding(request, reply.code(status), code);
  return undefined;
}

export function languageOf(request: FastifyRequest): Language {
  return chooseLanguage(request.headers["accept-language"]);
}

export function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type("text/html; charset=utf-8").send(page);
}

export function sendEnding(
  request: FastifyRequest,
  reply: FastifyReply,
  code: Exclude<EndingCode, "wrong_account">,
  retryPath?: string,
): FastifyReply {
  const language = languageOf(request);
  return sendPage(reply, endingPage(language, code, wordingOf(language).endings[code], retryPath));
}
