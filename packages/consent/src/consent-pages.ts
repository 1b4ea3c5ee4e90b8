import { html } from "@cita/http";
import type { ConsentLink } from "@cita/token-store";
import { renderPage } from "./page.ts";
import { type Ending, type Language, type Wording, wordingOf } from "./wording.ts";

/** Why a visit ends without going to Google, or how it ended after coming back. Stable: tests and logs name it. */
export type EndingCode = keyof Wording["endings"] | "wrong_account";

/** What the page says of a calendar that was connected and can't be used: what the business can do about it. */
export function unusableEnding({ reason }: { readonly reason: string | null }): keyof Wording["endings"] {
  return unusable.get(reason ?? "") ?? "calendar_unusable";
}

const unusable: ReadonlyMap<string, keyof Wording["endings"]> = new Map([
  ["notACalendarUser", "calendar_missing"],
  ["domainPolicy", "calendar_blocked"],
  ["accessNotConfigured", "calendar_not_set_up"],
  ["SERVICE_DISABLED", "calendar_not_set_up"],
]);

/** The page behind the link. Opening it changes nothing. */
export function linkPage(language: Language, link: ConsentLink, path: string): string {
  const words = wordingOf(language);
  const title =
    link.customerName === null ? words.connectTitleNameless : words.connectTitle(link.customerName);
  const email = link.anyAccount ? null : link.customerEmail;
  const body = html`<p>${words.connectText}</p>
<div class="card">
<p>${words.willDo}</p>
<ul>${words.willDoList.map((item) => html`<li>${item}</li>`)}</ul>
</div>
<p>${email === null ? words.accountAny : words.account(email)}</p>
<form method="post" action="${path}"><button class="button" type="submit">${words.continueButton}</button></form>
<p class="small">${words.blockedHint(email ?? words.yourAddress)}</p>
<p class="small">${words.stopAnyTime}</p>`;
  return renderPage(language, title, body);
}

export function inAppBrowserPage(language: Language): string {
  const words = wordingOf(language);
  return renderPage(language, words.inAppTitle, html`<p>${words.inAppText}</p>`);
}

/** A page that says how it ended. `retryPath` is where another try begins, if one makes sense. */
export function endingPage(language: Language, code: EndingCode, ending: Ending, retryPath?: string): string {
  const words = wordingOf(language);
  const retry =
    retryPath === undefined
      ? html``
      : html`<p><a class="button" href="${retryPath}">${words.tryAgain}</a></p>`;
  return renderPage(
    language,
    ending.title,
    html`<p>${ending.text}</p>
${retry}
<p class="small">${code}</p>`,
  );
}
