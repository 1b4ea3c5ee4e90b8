import { type Html, html } from "@cita/http";
import type { IntegrationView, ProviderView } from "@cita/integrations-api";
import { emptyState, note } from "../../parts/notes.ts";
import type { Viewer } from "../../viewer.ts";
import { webhooksLink } from "../webhooks/link-view.ts";
import { connectCard } from "./connect-view.ts";
import {
  accessText,
  nextStep,
  problemText,
  providerName,
  stateBadge,
  syncedText,
} from "./integration-parts.ts";
import type { Notices } from "./notices.ts";
import type { Place } from "./places.ts";
import { type IntegrationState, stateOf } from "./states.ts";
import { integrationsWords } from "./words.ts";

export type ListPage = {
  readonly place: Place;
  readonly integrations: readonly IntegrationView[];
  readonly nextCursor: string | null;
  readonly providers: readonly ProviderView[];
  readonly notices: Notices;
  /** Why what was asked for wasn't begun. */
  readonly problem: string | undefined;
  readonly isFirst: boolean;
  readonly now: number;
};

/** What is connected, how it is, and connecting more. */
export function listBody(viewer: Viewer, page: ListPage): Html {
  const words = integrationsWords[viewer.language];
  const { place, nextCursor, providers, problem } = page;
  const more = nextCursor !== null && `${place.path}?${new URLSearchParams({ desde: nextCursor })}`;
  return html`${problem !== undefined && note("bad", problem)}${noticesOf(viewer, page)}
<p class="soft">${words.intro}</p>
${page.integrations.length > 0 ? table(viewer, page) : empty(viewer, place)}
${more !== false && html`<nav class="row"><a class="button quiet" href="${more}">${words.more}</a></nav>`}
${place.mayChange && connectCard(viewer, place.path, providers)}
${place.customerId !== null && webhooksLink(viewer, place.path)}`;
}

function noticesOf({ language }: Viewer, { notices, providers }: ListPage): Html {
  const words = integrationsWords[language];
  const { connected, stillLost, disconnected, revocation, failure } = notices;
  const named = (one: IntegrationView, text: string) => html`${text} <strong><bdi>${one.name}</bdi></strong>`;
  const nameOf = (one: IntegrationView) => providerName(one.provider, providers);
  const known = isFailure(words.failures, failure) ? failure : "other";
  return html`${connected !== undefined && note("good", named(connected, words.connected(nameOf(connected))))}${stillLost !== undefined && note("wait", named(stillLost, words.stillLost))}${disconnected !== undefined && revocation !== undefined && note(revocation === "revoked" || revocation === "nothing" ? "good" : "wait", html`<bdi>${disconnected.name}</bdi>: ${words.disconnected[revocation](nameOf(disconnected))}${revocation !== "revoked" && revocation !== "reconnected" && accessLink(language, disconnected, providers)}`)}${failure !== undefined && note(known === "other" ? "wait" : "bad", words.failures[known])}`;
}

type Failures = (typeof integrationsWords)["es"]["failures"];

function isFailure(failures: Failures, code: string | undefined): code is keyof Failures {
  return code !== undefined && Object.hasOwn(failures, code);
}

function accessLink(language: Viewer["language"], one: IntegrationView, providers: readonly ProviderView[]) {
  const page = providers.find(({ provider }) => provider === one.provider)?.accessPage ?? null;
  if (page === null) return html``;
  const { endThere } = integrationsWords[language];
  return html` <a href="${page}" target="_blank" rel="noopener noreferrer">${endThere}</a>`;
}

function empty({ language }: Viewer, { mayChange }: Place): Html {
  const { none } = integrationsWords[language];
  return html`<section class="card">${emptyState("link", none.title, mayChange ? none.text : none.readOnly)}</section>`;
}

function table(viewer: Viewer, page: ListPage): Html {
  const words = integrationsWords[viewer.language];
  const headings = [words.account, words.state, words.access, words.synced];
  return html`<section class="card flush"><table class="as-cards"><caption class="visually-hidden">${words.tableLabel}</caption>
<thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}<th scope="col"><span class="visually-hidden">${words.actions}</span></th></tr></thead>
<tbody>${sorted(page).map((one) => row(viewer, page, one))}</tbody></table></section>`;
}

/** What somebody has to look after first, then by service. */
function sorted({ integrations, providers }: ListPage): readonly IntegrationView[] {
  const rank = (one: IntegrationView) => urgency.indexOf(stateOf(one));
  const nameOf = (one: IntegrationView) => `${providerName(one.provider, providers)} ${one.name}`;
  return integrations.toSorted((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b)));
}

const urgency: readonly IntegrationState[] = ["lost", "problem", "connected", "paused", "disconnected"];

function row(viewer: Viewer, { place, providers, now }: ListPage, one: IntegrationView): Html {
  const words = integrationsWords[viewer.language];
  const provider = providerName(one.provider, providers);
  const path = `${place.path}/${one.id}`;
  const email = one.accountEmail !== null && one.accountEmail !== one.name && one.accountEmail;
  const problem = problemText(viewer, one, provider);
  const named = html`<span class="visually-hidden"> ${one.name}</span>`;
  const end =
    place.mayChange &&
    stateOf(one) !== "disconnected" &&
    html` · <a href="${path}#desconectar">${words.disconnect}${named}</a>`;
  const links = html`<span class="small nowrap"><a href="${path}#registro">${words.log}${named}</a>${end}</span>`;
  return html`<tr id="${one.id}">
<th scope="row"><span class="small soft">${provider}</span><br><a href="${path}"><bdi>${one.name}</bdi></a>${email !== false && html`<br><span class="small soft"><bdi>${email}</bdi></span>`}</th>
<td><div class="stack tight"><div>${stateBadge(viewer, one)}</div>${problem !== undefined && html`<p class="small">${problem}</p>`}</div></td>
<td data-label="${words.access}"><span class="small">${accessText(viewer, one)}</span></td>
<td data-label="${words.synced}"><span class="small">${syncedText(viewer, one, now)}</span></td>
<td class="end"><div class="row end">${place.mayChange && nextStep(viewer, place, one)}${links}</div></td>
</tr>`;
}
