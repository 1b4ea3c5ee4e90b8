import { type Html, html } from "@cita/http";
import type { DeliveryView } from "@cita/integrations-api";
import { csrfField, fieldId } from "../../parts/forms.ts";
import { badge } from "../../parts/notes.ts";
import { timeAgo } from "../../parts/times.ts";
import { toWallTime } from "../../parts/wall-times.ts";
import type { Viewer } from "../../viewer.ts";
import { statusTones } from "./states.ts";
import { eventTitle } from "./webhook-parts.ts";
import type { WebhookPage } from "./webhook-view.ts";
import { webhooksWords } from "./words.ts";

/** What a webhook was told, newest first, and telling it again. */
export function deliveriesCard(viewer: Viewer, page: WebhookPage): Html {
  const words = webhooksWords[viewer.language];
  const { place, one, deliveries, isFirst } = page;
  const path = `${place.path}/${one.id}`;
  const { data, nextCursor } = deliveries;
  const older = nextCursor !== null && `${path}?${new URLSearchParams({ desde: nextCursor })}#envios`;
  const headings = [words.event, words.state, words.attempts, words.when, words.nextAttempt];
  const table = html`<table class="as-cards"><caption class="visually-hidden">${words.deliveries}</caption><thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead><tbody>${data.map((delivery) => row(viewer, page, delivery))}</tbody></table>`;
  return html`<section class="card flush" id="envios" aria-labelledby="envios-titulo"><div class="card-head"><h2 id="envios-titulo">${words.deliveries}</h2></div>${data.length > 0 ? table : html`<p class="soft card-part">${words.noDeliveries}</p>`}</section>
${(!isFirst || older !== false) && html`<nav class="row between" aria-label="${words.deliveries}">${isFirst ? html`<span></span>` : html`<a class="button quiet" href="${path}#envios">${words.newest}</a>`}${older !== false && html`<a class="button quiet" href="${older}">${words.older}</a>`}</nav>`}
${place.mayChange && one.isActive && replayForm(viewer, page)}`;
}

function row({ language }: Viewer, { place, one, now }: WebhookPage, delivery: DeliveryView): Html {
  const words = webhooksWords[language];
  const { id, event, status, attempts, createdAt, nextAttemptAt } = delivery;
  return html`<tr>
<th scope="row"><a href="${place.path}/${one.id}/envios/${id}">${eventTitle(words, event)}</a><br><code class="small soft">${event}</code></th>
<td>${badge(statusTones[status], words.statuses[status])}</td>
<td data-label="${words.attempts}">${attempts}</td>
<td data-label="${words.when}"><span class="small">${timeAgo(createdAt, language, now)}</span></td>
<td data-label="${words.nextAttempt}">${nextAttemptAt !== null && html`<span class="small">${timeAgo(nextAttemptAt, language, now)}</span>`}</td></tr>`;
}

const dayMs = 86_400_000;

function replayForm(viewer: Viewer, { place, one, now }: WebhookPage): Html {
  const words = webhooksWords[viewer.language];
  const timeZone = viewer.timeZone ?? "UTC";
  const [name, id] = ["since", fieldId("since")];
  return html`<details class="card"><summary>${words.replayMany}</summary><form class="stack" method="post" action="${place.path}/${one.id}/repetir">${csrfField(viewer)}<p class="soft">${words.replayText}</p>
<input type="hidden" name="zone" value="${timeZone}">
<div class="field"><label for="${id}">${words.since}</label><div><input type="datetime-local" id="${id}" name="${name}" value="${toWallTime(now - dayMs, timeZone)}" required aria-describedby="${id}-hint"></div><span class="hint" id="${id}-hint">${words.sinceHint(timeZone)}</span></div>
<div><button class="button quiet" type="submit">${words.replay}</button></div></form></details>`;
}
