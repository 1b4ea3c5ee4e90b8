import type { ConnectionView } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { mayDo } from "../../../access/caller.ts";
import type { Customer } from "../../../customers/customer-list.ts";
import { icon } from "../../icons.ts";
import { outcomeText } from "../../parts/consent-outcomes.ts";
import type { ContactFields } from "../../parts/contact-fields.ts";
import { csrfField, textArea, textField } from "../../parts/forms.ts";
import { badge, note } from "../../parts/notes.ts";
import { calendarTones, stateWords, statusTones } from "../../parts/state-words.ts";
import { formatForViewer, formatNumber, timeAgo } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { viewParameters } from "../bookings/list-view.ts";
import { factsWords } from "./words.ts";

type Problem = keyof (typeof factsWords)["es"]["problems"];
export type FactsProblems = { readonly [Field in keyof ContactFields | "confirm"]?: Problem | undefined };

export type FactsPage = {
  /** The page's own address. */
  readonly path: string;
  readonly customer: Customer;
  /** undefined: not known; null: the calendar service doesn't answer. */
  readonly connection: ConnectionView | undefined | null;
  readonly brandName: string;
  readonly now: number;
  readonly form?: ContactFields;
  readonly problems?: FactsProblems;
  /** The one-time link that was just made for the owner. */
  readonly ownerUrl?: string;
  readonly notice?: "saved" | "unsaved" | "disconnected" | "notRevoked" | undefined;
};

/** What is known of a customer, and what can be done with it. */
export function factsBody(viewer: Viewer, page: FactsPage): Html {
  const words = factsWords[viewer.language];
  const { notice, connection } = page;
  const isAdmin = mayDo(viewer.caller, "administer", true);
  const mayDisconnect =
    mayDo(viewer.caller, "change_customer", true) &&
    connection !== null &&
    connection !== undefined &&
    (connection.status === "connected" || connection.status === "reconnect_required");
  return html`${notice === "saved" && note("good", words.saved)}${notice === "unsaved" && note("bad", words.unsaved)}${(notice === "disconnected" || notice === "notRevoked") && note("good", words.disconnected)}${notice === "notRevoked" && note("wait", words.notRevoked)}
${connection === null && notice !== "unsaved" && note("wait", words.unavailable)}
<div class="grid-2">${factsCard(viewer, page)}${isAdmin && editCard(viewer, page)}</div>
${isAdmin && ownerCard(viewer, page)}
${mayDisconnect && disconnectCard(viewer, page)}${isAdmin && removeCard(viewer, page)}`;
}

function factsCard(viewer: Viewer, { customer, connection, path, now }: FactsPage): Html {
  const { language } = viewer;
  const words = factsWords[language];
  const rows: [string, Html | string][] = [];
  if (connection) rows.push(...connectionRows(viewer, connection, { path, now }));
  rows.push([words.added, timeAgo(customer.created_at, language, now)]);
  const messages = [connection?.reconnect_message, connection?.calendar_state?.message].filter(
    (text) => typeof text === "string" && text !== "",
  );
  return html`<section class="card stack" aria-labelledby="facts"><div class="row between"><h2 id="facts">${words.facts}</h2>${mayDo(viewer.caller, "change_customer", true) && html`<a class="button quiet small" href="${path}/enlace">${icon("link")}${words.toLink}</a>`}</div>
<dl class="facts">${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
${messages.length > 0 && connection?.calendar_state?.state !== "ok" && html`<details><summary>${words.technical}</summary>${messages.map((text) => html`<p class="small" lang="en">${text}</p>`)}</details>`}</section>`;
}

function connectionRows(
  viewer: Viewer,
  connection: ConnectionView,
  { path, now }: { path: string; now: number },
): [string, Html | string][] {
  const { language } = viewer;
  const words = factsWords[language];
  const { statuses, calendarStates } = stateWords[language];
  const { status, calendar_state: calendar, link, stranded_bookings: stranded } = connection;
  const since =
    status === "reconnect_required" ? connection.reconnect_required_since : connection.connected_at;
  const ago = (at: string | null) =>
    at !== null && html` <span class="soft small">${timeAgo(at, language, now)}</span>`;
  const attempt = link?.last_attempt;
  const rows: [string, Html | string][] = [
    [words.status, html`${badge(statusTones[status], statuses[status])}${ago(since)}`],
    [words.provider, connection.provider === null ? words.notYet : providerName(connection.provider)],
    [words.account, html`<bdi>${connection.calendar_email ?? words.none}</bdi>`],
  ];
  if (calendar !== null)
    rows.push([
      words.calendar,
      html`${badge(calendarTones[calendar.state], calendarStates[calendar.state])}${ago(calendar.since)}${calendar.calendar !== undefined && html`<br><bdi class="small">${calendar.calendar}</bdi>`}`,
    ]);
  if (connection.access_ends_at !== null)
    rows.push([words.access, timeAgo(connection.access_ends_at, language, now)]);
  if (link !== null)
    rows.push([
      words.link,
      `${words.linkStates[link.state]}${link.state === "live" ? `, ${words.linkUntil(formatForViewer(link.expires_at, viewer))}` : ""}`,
    ]);
  if (attempt) rows.push([words.lastAttempt, html`${outcomeText(language, attempt)}${ago(attempt.at)}`]);
  if (stranded > 0)
    rows.push([
      words.stranded,
      html`${words.strandedText(formatNumber(stranded, language))}. <a href="${path}/citas?ver=${viewParameters.stranded}">${words.seeStranded}</a>`,
    ]);
  return rows;
}

function providerName(id: string): string {
  return id.slice(0, 1).toUpperCase() + id.slice(1);
}

function editCard(viewer: Viewer, { path, customer, form, problems = {} }: FactsPage): Html {
  const words = factsWords[viewer.language];
  const typed = form ?? { ...customer, customer_phone: customer.customer_phone ?? "" };
  const say = (problem: Problem | undefined) => problem && words.problems[problem];
  return html`<form class="card stack" method="post" action="${path}" novalidate><h2>${words.edit}</h2>${csrfField(viewer)}
${textField({ name: "customer_name", label: words.name, value: typed.customer_name, problem: say(problems.customer_name), maxLength: 200, autocomplete: "off" })}
${textField({ name: "customer_email", type: "email", label: words.email, hint: words.emailHint, value: typed.customer_email, problem: say(problems.customer_email), maxLength: 254, autocomplete: "off" })}
${textField({ name: "customer_phone", type: "tel", label: words.phone, hint: words.phoneHint, value: typed.customer_phone, problem: say(problems.customer_phone), maxLength: 40, autocomplete: "off" })}
<div><button class="button" type="submit">${words.save}</button></div></form>`;
}

function ownerCard(viewer: Viewer, { path, customer, ownerUrl, brandName }: FactsPage): Html {
  const words = factsWords[viewer.language];
  if (ownerUrl === undefined)
    return html`<form class="card row between" method="post" action="${path}/acceso#acceso">${csrfField(viewer)}<div class="stack tight grow"><h2>${words.owner}</h2><p class="soft">${words.ownerText}</p></div><button class="button quiet" type="submit">${icon("key")}${words.makeOwnerLink}</button></form>`;
  const text = `${words.ownerInvite(customer.customer_name, brandName)}\n\n${ownerUrl}`;
  const number = customer.customer_phone?.replace("+", "") ?? "";
  return html`<section class="card stack" id="acceso"><h2>${words.owner}</h2>${note("good", words.ownerReady)}
<div class="copy"><input id="owner-link" readonly value="${ownerUrl}" aria-label="${words.owner}"><button class="button quiet" type="button" data-copy="#owner-link" data-copied="${words.copied}">${icon("copy")}<span data-label>${words.copy}</span></button></div>
<form class="stack" method="get" action="https://wa.me/${number}" target="_blank" rel="noopener noreferrer">${textArea({ name: "text", label: words.message, value: text, rows: 5 })}<div><button class="button" type="submit">${icon("chat")}${words.sendWhatsApp}</button></div></form></section>`;
}

function disconnectCard(viewer: Viewer, { path }: FactsPage): Html {
  const words = factsWords[viewer.language];
  return html`<form class="card row between" method="post" action="${path}/desconectar" data-confirm="${words.disconnectConfirm}">${csrfField(viewer)}<div class="stack tight grow"><h2>${words.disconnect}</h2><p class="soft">${words.disconnectText}</p></div><button class="button danger" type="submit">${words.disconnectButton}</button></form>`;
}

function removeCard(viewer: Viewer, { path, customer, problems = {} }: FactsPage): Html {
  const words = factsWords[viewer.language];
  const problem = problems.confirm && words.problems[problems.confirm];
  return html`<details class="card"${problem !== undefined && html` open`}><summary>${words.remove}</summary><form class="stack" method="post" action="${path}/eliminar" novalidate>${csrfField(viewer)}<p class="soft">${words.removeText}</p>
${textField({ name: "confirm", label: words.removeLabel(customer.customer_id), problem, autocomplete: "off", maxLength: 64 })}
<div><button class="button danger" type="submit">${words.removeButton}</button></div></form></details>`;
}
