import { type Html, html } from "@cita/http";
import type { DeliveryView, WebhookView } from "@cita/integrations-api";
import { csrfField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { formatForViewer } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { deliveriesCard } from "./deliveries-view.ts";
import { type FormPage, webhookFields } from "./form-view.ts";
import { stateOf } from "./states.ts";
import { verificationCard } from "./verification-view.ts";
import {
  eventsText,
  lastDeliveryText,
  pauseForm,
  problemText,
  receiverOf,
  stateBadge,
} from "./webhook-parts.ts";
import { webhooksWords } from "./words.ts";

export type WebhookPage = FormPage & {
  readonly one: WebhookView;
  readonly deliveries: { readonly data: readonly DeliveryView[]; readonly nextCursor: string | null };
  /** The newest deliveries. */
  readonly isFirst: boolean;
  readonly now: number;
  readonly isSaved: boolean;
  /** How many deliveries are sent again. */
  readonly replayed: number | undefined;
  /** Why what was asked for wasn't done. */
  readonly failure: "inactive" | "since" | undefined;
};

/** How one webhook is, what it was told, and what can be done with it. */
export function webhookBody(viewer: Viewer, page: WebhookPage): Html {
  const words = webhooksWords[viewer.language];
  const { place, one, isSaved, replayed, failure } = page;
  const problem = problemText(viewer, one);
  return html`<p><a href="${place.path}">${words.backToList}</a></p>
${isSaved && note("good", words.saved)}${replayed !== undefined && note("good", words.replayed(replayed))}${failure !== undefined && note("bad", words.problems[failure])}
${problem !== undefined && note(stateOf(one) === "disabled" ? "bad" : "wait", problem)}
<div class="grid-2">${factsCard(viewer, page)}${place.mayChange && changeCards(viewer, page)}</div>
${deliveriesCard(viewer, page)}
${verificationCard(viewer)}`;
}

function factsCard(viewer: Viewer, { place, one, now }: WebhookPage): Html {
  const words = webhooksWords[viewer.language];
  const rows: [string, Html | string][] = [
    [words.state, stateBadge(viewer, one)],
    [words.events, eventsText(viewer, one)],
    [words.lastDelivery, lastDeliveryText(viewer, one, now)],
    [words.createdAt, formatForViewer(one.createdAt, viewer)],
    ...(one.previousSecretUntil === null
      ? []
      : [[words.previousSecretUntil, formatForViewer(one.previousSecretUntil, viewer)] as [string, string]]),
  ];
  return html`<section class="card stack" aria-labelledby="datos"><div class="row between"><h2 id="datos"><bdi>${receiverOf(one)}</bdi></h2>${place.mayChange && pauseForm(viewer, place, one)}</div>
<dl class="facts">${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
${place.mayChange && one.isActive && testForm(viewer, pathOf(place.path, one))}</section>`;
}

const pathOf = (path: string, { id }: WebhookView) => `${path}/${id}`;

function testForm(viewer: Viewer, path: string): Html {
  const words = webhooksWords[viewer.language];
  return html`<form class="stack tight" method="post" action="${path}/probar">${csrfField(viewer)}<div><button class="button" type="submit">${words.test}</button></div><p class="soft small">${words.testHint}</p></form>`;
}

/** Its address and events, its secret, and its end, which are asked for twice. */
function changeCards(viewer: Viewer, shown: WebhookPage): Html {
  const words = webhooksWords[viewer.language];
  const path = pathOf(shown.place.path, shown.one);
  const opened = shown.problem !== undefined && html` open`;
  return html`<div class="stack"><details class="card"${opened}><summary>${words.change}</summary><form class="stack" method="post" action="${path}" novalidate>${csrfField(viewer)}${webhookFields(viewer, shown)}
<div><button class="button" type="submit">${words.save}</button></div></form></details>
<details class="card"><summary>${words.rotate}</summary><form class="stack" method="post" action="${path}/secreto" data-confirm="${words.rotateConfirm}">${csrfField(viewer)}<p class="soft">${words.rotateText}</p><div><button class="button quiet" type="submit">${words.rotate}</button></div></form></details>
<details class="card"><summary>${words.delete}</summary><form class="stack" method="post" action="${path}/eliminar" data-confirm="${words.deleteConfirm}">${csrfField(viewer)}<p class="soft">${words.deleteText}</p><div><button class="button danger" type="submit">${words.delete}</button></div></form></details></div>`;
}
