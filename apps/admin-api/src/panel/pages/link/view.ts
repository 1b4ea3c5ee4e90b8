import type { ConnectionView } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import type { Brand } from "@cita/http/brand";
import { isLoopbackHost } from "@cita/process";
import { renderSVG } from "uqr";
import type { Customer } from "../../../customers/customer-list.ts";
import { icon } from "../../icons.ts";
import type { Language } from "../../language.ts";
import { outcomeText } from "../../parts/consent-outcomes.ts";
import { csrfField, textArea } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { findProblem, stateWords } from "../../parts/state-words.ts";
import { formatForViewer } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { linkWords } from "./words.ts";

export type LinkPage = {
  readonly customer: Customer;
  /** undefined: the calendar service doesn't know the customer yet. */
  readonly connection: ConnectionView | undefined;
  readonly brand: Brand;
  /** Of the events that the customers' states are made of. */
  readonly lastEventId: number;
  /** In which the business is written to. */
  readonly language: Language;
  /** The Google app is in Testing, and admits test users only. */
  readonly isTesting: boolean;
};

/** The link and every way to hand it over, below where the consent stands. */
export function linkBody(viewer: Viewer, page: LinkPage): Html {
  const { customer, connection } = page;
  const words = linkWords[viewer.language];
  const url = connection?.link?.shareable_link ?? null;
  const path = `/clientes/${encodeURIComponent(customer.customer_id)}`;
  const live = `/panel/live/cliente?${new URLSearchParams({ id: customer.customer_id, after: `${page.lastEventId}` })}`;
  return html`<div id="consent-state" hx-sse:connect="${live}" hx-sse:close="ended">${consentState(viewer, page)}</div>
${page.isTesting && note("wait", words.testing(customer.customer_email))}
${url !== null && isLoopbackHost(new URL(url).hostname) && note("wait", words.onlyHere)}
${url !== null && html`<div class="grid-2">${linkCard(viewer, page, url)}${whatsAppCard(viewer, page, url)}</div>`}
<form class="card row between" method="post" action="${path}/enlace"${url !== null && html` data-confirm="${words.renewConfirm}"`}>
${csrfField(viewer)}<input type="hidden" name="renew" value="${url === null ? "no" : "yes"}">
<p class="soft">${url === null ? words.deadText : words.renewHint}</p>
<button class="button ${url === null ? "" : "quiet"}" type="submit">${url === null ? words.create : words.renew}</button>
</form>`;
}

/** Where the consent stands. It is replaced while somebody watches. */
export function consentState(
  viewer: Pick<Viewer, "language" | "timeZone">,
  { connection }: Pick<LinkPage, "connection">,
): Html {
  const { language } = viewer;
  const words = linkWords[language];
  if (connection?.status === "connected") {
    const account = html`<bdi>${connection.calendar_email ?? ""}</bdi>`;
    const problem = findProblem({
      status: "connected",
      calendarState: connection.calendar_state?.state ?? null,
    });
    if (problem !== undefined)
      return note(
        "bad",
        html`<strong>${words.connectedTitle}</strong> ${account}. ${stateWords[language].wrong[problem]}`,
      );
    const [before = "", after = ""] = words.connectedText("\u0000").split("\u0000");
    const path = `/clientes/${encodeURIComponent(connection.customer_id)}`;
    const next = html`<a href="${path}/horario">${words.setHours}</a> · <a href="${path}/probar">${words.tryIt}</a>`;
    return note(
      "good",
      html`<strong>${words.connectedTitle}</strong> ${before}${account}${after}<br>${next}`,
    );
  }
  const link = connection?.link;
  const attempt = link?.last_attempt;
  const last =
    attempt && html`<br><span class="small">${words.lastAttempt}: ${outcomeText(language, attempt)}</span>`;
  if (link?.state !== "live")
    return note("bad", html`<strong>${words.deadTitle}.</strong> ${words.deadText}${last}`);
  const until = formatForViewer(link.expires_at, viewer);
  return note("wait", html`<strong>${words.waitingTitle}.</strong> ${words.waitingText(until)}${last}`);
}

function linkCard({ language }: Viewer, page: LinkPage, url: string): Html {
  const words = linkWords[language];
  const { customer, brand } = page;
  const subject = linkWords[page.language].mailSubject(brand.name);
  const mail = new URLSearchParams({ subject, body: invitation(page, url) }).toString();
  // Programs for mail take a plus for a plus.
  const mailto = `mailto:${encodeURIComponent(customer.customer_email)}?${mail.replaceAll("+", "%20")}`;
  return html`<section class="card stack">
<h2>${words.link}</h2>
<div class="copy"><input id="shareable-link" readonly value="${url}" aria-label="${words.link}"><button class="button" type="button" data-copy="#shareable-link" data-copied="${words.copied}">${icon("copy")}<span data-label>${words.copy}</span></button></div>
<div class="row"><a class="button quiet" href="${url}" target="_blank" rel="noopener noreferrer">${icon("open")}${words.openNow}</a><a class="button quiet" href="${mailto}">${icon("mail")}${words.mail}</a></div>
<p class="small soft">${words.openHint}</p>
<figure class="row"><div class="qr">${{ html: renderSVG(url, { border: 0 }) }}</div><figcaption><h3>${words.qr}</h3><p class="small soft">${words.qrHint}</p></figcaption></figure>
</section>`;
}

/** A plain form, so that the message can be changed and sent without JavaScript. */
function whatsAppCard({ language }: Viewer, page: LinkPage, url: string): Html {
  const words = linkWords[language];
  const { customer } = page;
  const number = customer.customer_phone?.replace("+", "") ?? "";
  return html`<form class="card stack" method="get" action="https://wa.me/${number}" target="_blank" rel="noopener noreferrer">
<h2>${words.whatsapp}</h2>
${textArea({ name: "text", label: words.message, hint: words.messageHint, value: invitation(page, url), rows: 8 })}
${number === "" && html`<p class="small soft">${words.noPhone}</p>`}
<button class="button" type="submit">${icon("chat")}${words.whatsapp}</button>
</form>`;
}

/** What the business is sent, in its own language. */
function invitation({ customer, brand, language }: LinkPage, url: string): string {
  return `${linkWords[language].invite(customer.customer_name, brand.name)}\n\n${url}`;
}
