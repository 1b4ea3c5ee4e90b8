import { acceptedLanguage, type Html, html } from "@cita/http";
import type { Brand } from "@cita/http/brand";
import { isSameAddress, type Provider } from "@cita/providers";
import type { CalendarObstacle, ConsentLink } from "@cita/token-store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { createFrame } from "./page-frame.ts";
import { previewCard, toCardText } from "./preview-card.ts";
import { type Language, languages, type ProviderWords, wordsOf } from "./provider-words.ts";
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
  return languageNamedBy(acceptLanguage) ?? "en";
}

/** @returns undefined where `Accept-Language` names none that the pages have. */
export function languageNamedBy(acceptLanguage: string | undefined): Language | undefined {
  return acceptedLanguage(acceptLanguage, languages);
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

/** What a result is about. */
export type ResultContext = {
  /** The provider that the business was sent to. */
  readonly provider?: Provider | undefined;
  /** Where another try begins, if one makes sense. */
  readonly retryPath?: string | undefined;
};

/** A live link, and the providers that the business may choose. */
export type LinkPage = {
  readonly link: ConsentLink;
  readonly providers: readonly Provider[];
  /** The link's. */
  readonly path: string;
};

/** Answers with pages that carry the operator's name. */
export type Pages = {
  readonly styleHash: string;
  /** The page behind a link, with a button for each provider that the business may choose. */
  sendLink(request: FastifyRequest, reply: FastifyReply, page: LinkPage): FastifyReply;
  /** For an app's embedded browser, where providers may refuse to sign anybody in. */
  sendInApp(request: FastifyRequest, reply: FastifyReply, page: LinkPage): FastifyReply;
  /** For robots: what a chat shows of the link, and nothing else about it but a button. */
  sendCard(reply: FastifyReply, page: LinkPage, language: Language): FastifyReply;
  sendResult(
    request: FastifyRequest,
    reply: FastifyReply,
    code: ResultName,
    context?: ResultContext,
  ): FastifyReply;
  /** As `sendResult`, for a link by which something else is connected already. */
  sendLinkUsed(
    request: FastifyRequest,
    reply: FastifyReply,
    connected: { account: string | null; provider: string },
  ): FastifyReply;
  /** As `sendResult`, for the consent of another account than the link expects. */
  sendWrongAccount(
    request: FastifyRequest,
    reply: FastifyReply,
    accounts: { chosen: string; expected: string },
    context: ResultContext,
  ): FastifyReply;
};

/** @param publicUrl of this service, without a trailing slash. */
export function createPages(brand: Brand, publicUrl: string): Pages {
  const { styleHash, render } = createFrame(brand);
  const send = (reply: FastifyReply, page: string) => reply.type("text/html; charset=utf-8").send(page);
  const cardOf = (language: Language, { link }: LinkPage) =>
    previewCard(language, toCardText(wordings[language], brand, link), { brand, publicUrl });
  const renderResult = (language: Language, code: ResultCode, result: ResultText, retryPath?: string) =>
    render(language, {
      title: result.title,
      body: resultBody(language, code, result, retryPath),
      outcome: code === "connected" ? "done" : "attention",
    });

  return {
    styleHash,

    sendLink(request, reply, page) {
      const language = requestLanguage(request);
      const title = titleOf(language, page);
      const body = linkBody(language, page, brand);
      return send(reply, render(language, { title, body, card: cardOf(language, page) }));
    },

    sendInApp(request, reply, page) {
      const language = requestLanguage(request);
      const { inAppText } = wordsOf(language, onlyOne(page.providers));
      const title = wordings[language].inAppTitle;
      const body = html`<p>${inAppText}</p>`;
      return send(reply, render(language, { title, body, card: cardOf(language, page) }));
    },

    sendCard(reply, page, language) {
      const { title, description } = toCardText(wordings[language], brand, page.link);
      const { continueButton } = wordsOf(language, onlyOne(page.providers));
      // For a person whose browser has a robot's name. Sent to the page's own address, so that it isn't in the page.
      const body = html`<p>${description}</p>
<form method="post"><button class="button" type="submit">${continueButton}</button></form>`;
      return send(reply, render(language, { title, body, card: cardOf(language, page) }));
    },

    sendResult(request, reply, code, { provider, retryPath } = {}) {
      const language = requestLanguage(request);
      const results = { ...wordings[language].results, ...wordsOf(language, provider).results };
      return send(reply, renderResult(language, code, results[code], retryPath));
    },

    sendLinkUsed(request, reply, { account, provider }) {
      const language = requestLanguage(request);
      return send(reply, renderResult(language, "link_used", wordings[language].linkUsed(account, provider)));
    },

    sendWrongAccount(request, reply, { chosen, expected }, { provider, retryPath }) {
      const language = requestLanguage(request);
      const words = wordsOf(language, provider);
      // With the same address, the account that had it before was expected.
      const result = isSameAddress(chosen, expected)
        ? words.readdressedAccount(chosen)
        : words.wrongAccount(chosen, expected);
      return send(reply, renderResult(language, "wrong_account", result, retryPath));
    },
  };
}

function onlyOne(providers: readonly Provider[]): Provider | undefined {
  return providers.length === 1 ? providers[0] : undefined;
}

function titleOf(language: Language, { link }: LinkPage): string {
  const words = wordings[language];
  return link.customerName === null ? words.connectTitleNameless : words.connectTitle(link.customerName);
}

function linkBody(language: Language, { link, providers, path }: LinkPage, brand: Brand): Html {
  const words = wordings[language];
  const provider = onlyOne(providers);
  const of = wordsOf(language, provider);
  const email = link.anyAccount ? null : link.customerEmail;
  const button = (action: string, text: string) =>
    html`<form method="post" action="${action}"><button class="button" type="submit">${text}</button></form>`;
  const buttons =
    provider === undefined
      ? providers.map((one) => button(`${path}/${one.id}`, wordsOf(language, one).continueButton))
      : [button(path, of.continueButton)];
  const hint = of.blockedHint?.(email ?? words.yourAddress);
  return html`<p>${words.asks(brand.name)} ${of.connectText}</p>
<div class="does">
<h2>${words.willDo}</h2>
<ul>${words.willDoList.map((item) => html`<li>${item}</li>`)}</ul>
</div>
<p>${email === null ? of.accountAny : of.account(email)}</p>
${provider === undefined && html`<h2>${words.chooseProvider}</h2>`}<div class="buttons">${buttons}</div>
<div class="notes small">
${hint !== undefined && html`<p>${hint}</p>`}
<p>${of.stopAnyTime}</p>
</div>`;
}

function resultBody(language: Language, code: ResultCode, { text }: ResultText, retryPath?: string): Html {
  const { tryAgain } = wordings[language];
  return html`<p>${text}</p>
${retryPath !== undefined && html`<p><a class="button" href="${retryPath}">${tryAgain}</a></p>`}
${code !== "connected" && html`<p class="small">${code}</p>`}`;
}
