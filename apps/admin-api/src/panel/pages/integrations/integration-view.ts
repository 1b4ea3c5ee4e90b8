import { type Html, html } from "@cita/http";
import type { IntegrationView, ProviderView, SyncLogView } from "@cita/integrations-api";
import { z } from "zod";
import type { ActorView } from "../../../activity/actors.ts";
import { csrfField, textField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { formatForViewer } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { activityWords } from "../activity/words.ts";
import { webhooksLink } from "../webhooks/link-view.ts";
import { disconnectCard } from "./disconnect-view.ts";
import { accessText, nextStep, problemText, stateBadge, syncedText } from "./integration-parts.ts";
import { logCard } from "./log-view.ts";
import type { Place } from "./places.ts";
import { stateOf } from "./states.ts";
import { integrationsWords } from "./words.ts";

export type IntegrationPage = {
  readonly place: Place;
  readonly one: IntegrationView;
  /** undefined: the registry doesn't have it any more. */
  readonly provider: ProviderView | undefined;
  readonly connectedBy: ActorView;
  readonly log: { readonly data: readonly SyncLogView[]; readonly nextCursor: string | null };
  /** The newest entries of the log. */
  readonly isFirst: boolean;
  readonly now: number;
  readonly isSaved: boolean;
  /** A name that can't be one. */
  readonly typed: { readonly name: string } | undefined;
};

/** What is known of one integration, its log, and what can be done with it. */
export function integrationBody(viewer: Viewer, page: IntegrationPage): Html {
  const words = integrationsWords[viewer.language];
  const { place, one, isSaved } = page;
  const problem = problemText(viewer, one, page.provider?.name ?? one.provider);
  const tone = stateOf(one) === "lost" ? "bad" : "wait";
  return html`<p><a href="${place.path}">${words.back}</a></p>
${isSaved && note("good", words.saved)}${problem !== undefined && note(tone, problem)}
<div class="grid-2">${factsCard(viewer, page)}${place.mayChange && html`<div class="stack">${renameCard(viewer, page)}${stateOf(one) !== "disconnected" && disconnectCard(viewer, page)}</div>`}</div>
${logCard(viewer, page)}
${place.customerId === null && webhooksLink(viewer, `${place.path}/${one.id}`)}`;
}

function factsCard(viewer: Viewer, { place, one, provider, connectedBy, now }: IntegrationPage): Html {
  const words = integrationsWords[viewer.language];
  const by = connectedBy && nameOf(viewer, one, connectedBy);
  const rows: [string, Html | string][] = [
    [words.state, stateBadge(viewer, one)],
    [words.provider, provider?.name ?? one.provider],
    ...(one.accountEmail === null
      ? []
      : [[words.email, html`<bdi>${one.accountEmail}</bdi>`] as [string, Html]]),
    [words.accountId, html`<bdi>${one.accountId}</bdi>`],
    [words.access, accessText(viewer, one)],
    [words.synced, syncedText(viewer, one, now)],
    [words.connectedAt, formatForViewer(one.createdAt, viewer)],
    ...(by === null ? [] : [[words.connectedBy, html`<bdi>${by}</bdi>`] as [string, Html]]),
  ];
  return html`<section class="card stack" aria-labelledby="datos"><div class="row between"><h2 id="datos"><bdi>${one.name}</bdi></h2>${place.mayChange && nextStep(viewer, place, one)}</div>
<dl class="facts">${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
${one.scope.length > 0 && html`<details class="disclosure"><summary>${words.permissions} (${one.scope.length})</summary><ul class="plain">${one.scope.map((scope) => html`<li class="small"><code>${scope}</code></li>`)}</ul></details>`}
${one.lastError !== null && html`<details class="disclosure"><summary>${words.technical}</summary><p class="small" lang="en">${one.lastError}</p></details>`}</section>`;
}

/** A program connects in the name of whoever it likes: such an id is said as it is. */
function nameOf({ language }: Viewer, { userId }: IntegrationView, by: NonNullable<ActorView>): string {
  const { program, owner, somebody } = activityWords[language];
  const unknown = z.uuid().safeParse(userId).success ? somebody : userId;
  return { program, owner, user: by.name ?? unknown }[by.kind];
}

function renameCard(viewer: Viewer, { place, one, typed }: IntegrationPage): Html {
  const words = integrationsWords[viewer.language];
  const problem = typed && words.nameProblem;
  return html`<form class="card stack" method="post" action="${place.path}/${one.id}" novalidate>${csrfField(viewer)}<h2>${words.rename}</h2>
${textField({ name: "name", label: words.name, hint: words.nameHint, value: typed?.name ?? one.name, problem, maxLength: 200, autocomplete: "off" })}
<div><button class="button" type="submit">${words.save}</button></div></form>`;
}
