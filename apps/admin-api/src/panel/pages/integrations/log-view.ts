import { type Html, html } from "@cita/http";
import type { SyncLogView } from "@cita/integrations-api";
import { badge, type Tone } from "../../parts/notes.ts";
import { timeAgo } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import type { IntegrationPage } from "./integration-view.ts";
import { integrationsWords } from "./words.ts";

const tones: Readonly<Record<SyncLogView["status"], Tone>> = {
  PENDING: "wait",
  IN_PROGRESS: "wait",
  COMPLETED: "good",
  FAILED: "bad",
  CANCELLED: "calm",
};

/** What was done with an integration, newest first. */
export function logCard(viewer: Viewer, { place, one, log, isFirst, now }: IntegrationPage): Html {
  const words = integrationsWords[viewer.language];
  const path = `${place.path}/${one.id}`;
  const headings = [words.logAction, words.logResult, words.logWhen];
  const older =
    log.nextCursor !== null && `${path}?${new URLSearchParams({ desde: log.nextCursor })}#registro`;
  const table = html`<table class="as-cards"><caption class="visually-hidden">${words.logTitle}</caption><thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead><tbody>${log.data.map((entry) => row(viewer, entry, now))}</tbody></table>`;
  return html`<section class="card flush" id="registro" aria-labelledby="registro-titulo"><div class="card-head"><h2 id="registro-titulo">${words.logTitle}</h2></div>${log.data.length > 0 ? table : html`<p class="soft card-part">${words.logEmpty}</p>`}</section>
${(!isFirst || older !== false) && html`<nav class="row between">${isFirst ? html`<span></span>` : html`<a class="button quiet" href="${path}#registro">${words.logNewest}</a>`}${older !== false && html`<a class="button quiet" href="${older}">${words.logOlder}</a>`}</nav>`}`;
}

function row({ language }: Viewer, { action, status, error, startedAt }: SyncLogView, now: number): Html {
  const words = integrationsWords[language];
  return html`<tr><th scope="row">${words.logActions[action] ?? action}</th>
<td><div class="stack tight"><div>${badge(tones[status], words.logStates[status])}</div>${error !== null && html`<p class="small" lang="en">${error}</p>`}</div></td>
<td data-label="${words.logWhen}"><span class="small">${timeAgo(startedAt, language, now)}</span></td></tr>`;
}
