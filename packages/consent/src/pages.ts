import { createHash } from "node:crypto";
import { type Html, html } from "@cita/http";
import { isSameAddress, type Provider } from "@cita/providers";
import type { CalendarObstacle, ConsentLink } from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Language, type ProviderWords, wordsOf } from "./provider-words.ts";
import { english, type ResultText, type Wording } from "./wording-en.ts";
import { spanish } from "./wording-es.ts";
import { portuguese } from "./wording-pt.ts";

const wordings: Record<Language, Wording> = { en: english, es: spanish, pt: portuguese };

/** The language in which a request is answered with a page. */
export function requestLanguage({ headers }: FastifyRequest): Language {
  return chooseLanguage(headers["accept-language"]);
}

/** The first language of `Accept-Language` that the pages have; English if there is none. */
export function chooseLanguage(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? "").split(",").map((entry) => entry.trim().slice(0, 2).toLowerCase());
  return wanted.find((code): code is Language => code in wordings) ?? "en";
}

/** The code of a result page: how a consent ended, or why it can't go on. The page shows it. */
export type ResultCode = ResultName | "wrong_account";

/** The results with a text in each language: of our own, and of each provider. */
type ResultName = keyof Wording["results"] | keyof ProviderWords["results"];

/** The result pages for a connected calendar that can't be used. They say what the business can do. */
export const obstacleResults = {
  no_calendar: "calendar_missing",
  blocked_by_organisation: "calendar_blocked",
  not_set_up: "calendar_not_set_up",
  other: "calendar_unusable",
} as const satisfies Record<CalendarObstacle, ResultName>;

export function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type("text/html; charset=utf-8").send(page);
}

/** What a result is about. */
export type ResultContext = {
  /** The provider that the business was sent to. */
  readonly provider?: Provider | undefined;
  /** Where another try begins, if one makes sense. */
  readonly retryPath?: string | undefined;
};

export function sendResult(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ResultName,
  { provider, retryPath }: ResultContext = {},
): FastifyReply {
  const language = requestLanguage(request);
  const results = { ...wordings[language].results, ...wordsOf(language, provider).results };
  return sendPage(reply, resultPage(language, code, results[code], retryPath));
}

/** As `sendResult`, for a link by which something else is connected already. */
export function sendLinkUsed(
  request: FastifyRequest,
  reply: FastifyReply,
  { account, provider }: { account: string | null; provider: string },
): FastifyReply {
  const language = requestLanguage(request);
  const result = wordings[language].linkUsed(account, provider);
  return sendPage(reply, resultPage(language, "link_used", result));
}

/** As `sendResult`, for the consent of another account than the link expects. */
export function sendWrongAccount(
  request: FastifyRequest,
  reply: FastifyReply,
  { chosen, expected }: { chosen: string; expected: string },
  { provider, retryPath }: ResultContext,
): FastifyReply {
  const language = requestLanguage(request);
  const words = wordsOf(language, provider);
  // With the same address, the account that had it before was expected.
  const result = isSameAddress(chosen, expected)
    ? words.readdressedAccount(chosen)
    : words.wrongAccount(chosen, expected);
  return sendPage(reply, resultPage(language, "wrong_account", result, retryPath));
}

/**
 * The page behind a consent link, with a button for each provider that the business may choose.
 * @param path of the link.
 */
export function linkPage(
  language: Language,
  link: ConsentLink,
  { providers, path }: { providers: readonly Provider[]; path: string },
): string {
  const words = wordings[language];
  const [provider, ...others] = providers;
  const isChosen = others.length === 0;
  const of = wordsOf(language, isChosen ? provider : undefined);
  const title =
    link.customerName === null ? words.connectTitleNameless : words.connectTitle(link.customerName);
  const email = link.anyAccount ? null : link.customerEmail;
  const button = (action: string, text: string) =>
    html`<form method="post" action="${action}"><button class="button" type="submit">${text}</button></form>`;
  const buttons = isChosen
    ? [button(path, of.continueButton)]
    : providers.map((one) => button(`${path}/${one.id}`, wordsOf(language, one).continueButton));
  const question = isChosen ? html`` : html`<p>${words.chooseProvider}</p>`;
  const hint = of.blockedHint?.(email ?? words.yourAddress);
  const body = html`<p>${of.connectText}</p>
<div class="card">
<p>${words.willDo}</p>
<ul>${words.willDoList.map((item) => html`<li>${item}</li>`)}</ul>
</div>
<p>${email === null ? of.accountAny : of.account(email)}</p>
${question}${buttons}
${hint === undefined ? html`` : html`<p class="small">${hint}</p>`}
<p class="small">${of.stopAnyTime}</p>`;
  return renderPage(language, title, body);
}

/** @param providers that the business may choose. */
export function inAppBrowserPage(language: Language, providers: readonly Provider[]): string {
  const words = wordings[language];
  const { inAppText } = wordsOf(language, providers.length === 1 ? providers[0] : undefined);
  return renderPage(language, words.inAppTitle, html`<p>${inAppText}</p>`);
}

function resultPage(language: Language, code: ResultCode, result: ResultText, retryPath?: string): string {
  const { tryAgain } = wordings[language];
  const retry =
    retryPath === undefined ? html`` : html`<p><a class="button" href="${retryPath}">${tryAgain}</a></p>`;
  const body = html`<p>${result.text}</p>
${retry}
<p class="small">${code}</p>`;
  return renderPage(language, result.title, body);
}

/** Text and one button, readable on any phone, without scripts, images or fonts. */
const style = `:root{color-scheme:light dark}
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:32rem;margin:0 auto;padding:1.5rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem;line-height:1.25}
.card{border:1px solid #d5d5d5;border-radius:.75rem;padding:1rem 1.25rem;margin:1.25rem 0}
.button{display:block;width:100%;box-sizing:border-box;padding:1rem;border:0;border-radius:.75rem;background:#0b57d0;color:#fff;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
form+form{margin-top:.75rem}
.small{font-size:.875rem;color:#595959}
@media(prefers-color-scheme:dark){body{color:#eee;background:#121212}.card{border-color:#444}.small{color:#b5b5b5}.button{background:#a8c7fa;color:#062e6f}}`;

/** The hash of the pages' only style, for the Content-Security-Policy. */
export const styleHash = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

function renderPage(language: Language, title: string, body: Html): string {
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>${{ html: style }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return page.html;
}
