import { type Html, html } from "@cita/http";
import type { DeliveryView, WebhookView } from "@cita/integrations-api";
import { csrfField } from "../../parts/forms.ts";
import { badge, note } from "../../parts/notes.ts";
import { formatForViewer } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { copyButton } from "../agents/configurations-view.ts";
import type { WebhookPlace } from "./places.ts";
import { statusTones } from "./states.ts";
import { eventTitle, receiverOf } from "./webhook-parts.ts";
import { type Words, webhooksWords } from "./words.ts";

export type DeliveryPage = {
  readonly place: WebhookPlace;
  readonly one: WebhookView;
  readonly delivery: DeliveryView;
  readonly now: number;
};

/** One delivery: what was sent, and what came of it. */
export function deliveryBody(viewer: Viewer, page: DeliveryPage): Html {
  const words = webhooksWords[viewer.language];
  const { place, one, delivery } = page;
  const path = `${place.path}/${one.id}`;
  const isUnderWay = delivery.status === "PENDING" || delivery.status === "RETRYING";
  const reload = html`${words.underWay} <a href="${path}/envios/${delivery.id}">${words.reload}</a>`;
  const error = errorText(words, delivery);
  return html`<p><a href="${path}#envios">${words.backToOne}</a></p>
${isUnderWay ? note("wait", html`${error} ${reload}`) : error !== undefined && note("bad", error)}
<div class="grid-2">${factsCard(viewer, page)}${answerCard(words, delivery)}</div>
${bodyCard(viewer, delivery)}`;
}

function factsCard(viewer: Viewer, { place, one, delivery }: DeliveryPage): Html {
  const words = webhooksWords[viewer.language];
  const { id, event, status, attempts, createdAt, deliveredAt, nextAttemptAt, messageId } = delivery;
  const rows: [string, Html | string][] = [
    [words.state, badge(statusTones[status], words.statuses[status])],
    [words.event, html`<code>${event}</code>`],
    [words.receiver, html`<bdi>${receiverOf(one)}</bdi>`],
    [words.attempts, `${attempts}`],
    [words.when, formatForViewer(createdAt, viewer)],
    ...(deliveredAt === null ? [] : [pair(words.deliveredAt, formatForViewer(deliveredAt, viewer))]),
    ...(nextAttemptAt === null ? [] : [pair(words.nextAttempt, formatForViewer(nextAttemptAt, viewer))]),
    [words.messageId, html`<code>${messageId}</code>`],
  ];
  const replay = html`<form method="post" action="${place.path}/${one.id}/envios/${id}/repetir">${csrfField(viewer)}<button class="button quiet" type="submit">${words.replay}</button></form>`;
  return html`<section class="card stack" aria-labelledby="envio"><h2 id="envio">${eventTitle(words, event)}</h2>
<dl class="facts">${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
${place.mayChange && one.isActive && replay}</section>`;
}

const pair = (label: string, value: string): [string, string] => [label, value];

/** What is known by its status is said in the viewer's language. */
function errorText(words: Words, { error, response }: DeliveryView): Html | undefined {
  if (error === null) return undefined;
  if (response === null) return html`<span lang="en">${error}</span>`;
  const { status } = response;
  if (status === 410) return html`${words.refusals.gone}`;
  const { redirect, other } = words.refusals;
  return html`${status >= 300 && status < 400 ? redirect(status) : other(status)}`;
}

function answerCard(words: Words, { response }: DeliveryView): Html {
  const said =
    response === null
      ? html`<p class="soft">${words.noAnswer}</p>`
      : html`<dl class="facts"><dt>${words.answerStatus}</dt><dd>${response.status}</dd></dl>${response.body === "" ? html`<p class="soft">${words.emptyAnswer}</p>` : pre("respuesta", words.answer, response.body)}`;
  return html`<section class="card stack" aria-labelledby="respuesta-titulo"><h2 id="respuesta-titulo">${words.answer}</h2>${said}</section>`;
}

function bodyCard({ language }: Viewer, { payload }: DeliveryView): Html {
  const words = webhooksWords[language];
  return html`<section class="card stack" aria-labelledby="cuerpo-titulo"><div class="row between"><h2 id="cuerpo-titulo">${words.sentBody}</h2>${copyButton(language, "cuerpo")}</div>${pre("cuerpo", words.sentBody, JSON.stringify(payload, null, 2))}</section>`;
}

function pre(id: string, label: string, text: string): Html {
  return html`<pre class="capped" tabindex="0" aria-label="${label}"><code id="${id}">${text}</code></pre>`;
}
