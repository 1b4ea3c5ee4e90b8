import { type Html, html } from "@cita/http";
import type { WebhookView } from "@cita/integrations-api";
import { csrfField } from "../../parts/forms.ts";
import { emptyState, note } from "../../parts/notes.ts";
import type { Viewer } from "../../viewer.ts";
import { type FormPage, webhookFields } from "./form-view.ts";
import {
  eventsText,
  lastDeliveryText,
  pauseForm,
  problemText,
  receiverOf,
  stateBadge,
} from "./webhook-parts.ts";
import { webhooksWords } from "./words.ts";

export type ListPage = FormPage & {
  readonly webhooks: readonly WebhookView[];
  readonly nextCursor: string | null;
  readonly now: number;
  readonly isDeleted: boolean;
};

/** The systems that are told, how each is, and telling another. */
export function listBody(viewer: Viewer, page: ListPage): Html {
  const words = webhooksWords[viewer.language];
  const { place, nextCursor, isDeleted } = page;
  const more = nextCursor !== null && `${place.path}?${new URLSearchParams({ desde: nextCursor })}`;
  return html`<p><a href="${place.backPath}">${words.back}</a></p>
${isDeleted && note("good", words.deleted)}
<div class="stack tight"><h2>${words.title}</h2><p class="soft">${words.intro}</p></div>
${page.webhooks.length > 0 ? table(viewer, page) : empty(viewer, page)}
${more !== false && html`<nav class="row"><a class="button quiet" href="${more}">${words.more}</a></nav>`}
${place.mayChange && createCard(viewer, page)}`;
}

function empty({ language }: Viewer, { place }: ListPage): Html {
  const { none } = webhooksWords[language];
  return html`<section class="card">${emptyState("link", none.title, place.mayChange ? none.text : none.readOnly)}</section>`;
}

function table(viewer: Viewer, page: ListPage): Html {
  const words = webhooksWords[viewer.language];
  const headings = [words.receiver, words.state, words.events, words.lastDelivery];
  const { mayChange } = page.place;
  return html`<section class="card flush"><table class="as-cards"><caption class="visually-hidden">${words.tableLabel}</caption>
<thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}${mayChange && html`<th scope="col"><span class="visually-hidden">${words.change}</span></th>`}</tr></thead>
<tbody>${page.webhooks.map((one) => row(viewer, page, one))}</tbody></table></section>`;
}

function row(viewer: Viewer, { place, now }: ListPage, one: WebhookView): Html {
  const words = webhooksWords[viewer.language];
  const problem = problemText(viewer, one);
  return html`<tr id="${one.id}">
<th scope="row"><a href="${place.path}/${one.id}"><bdi>${receiverOf(one)}</bdi></a></th>
<td><div class="stack tight"><div>${stateBadge(viewer, one)}</div>${problem !== undefined && html`<p class="small">${problem}</p>`}</div></td>
<td data-label="${words.events}"><span class="small">${eventsText(viewer, one)}</span></td>
<td data-label="${words.lastDelivery}"><span class="small">${lastDeliveryText(viewer, one, now)}</span></td>
${place.mayChange && html`<td class="end"><div class="row end">${pauseForm(viewer, place, one)}</div></td>`}
</tr>`;
}

function createCard(viewer: Viewer, page: ListPage): Html {
  const words = webhooksWords[viewer.language];
  return html`<form class="card stack" id="crear" method="post" action="${page.place.path}" novalidate>${csrfField(viewer)}<div class="stack tight"><h2>${words.create}</h2><p class="soft">${words.createHint}</p></div>
${webhookFields(viewer, page)}
<div class="actions"><button class="button" type="submit">${words.create}</button></div></form>`;
}
