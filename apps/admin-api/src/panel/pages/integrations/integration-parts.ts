/** What the list and the page of one integration say of it alike. */

import { type Html, html } from "@cita/http";
import type { IntegrationView, ProviderView } from "@cita/integrations-api";
import { csrfField } from "../../parts/forms.ts";
import { badge } from "../../parts/notes.ts";
import { formatForViewer, timeAgo } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import type { Place } from "./places.ts";
import { stateOf, stateTones } from "./states.ts";
import { integrationsWords } from "./words.ts";

/** Its state, in a colour and a word. */
export function stateBadge({ language }: Viewer, one: IntegrationView): Html {
  const state = stateOf(one);
  return badge(stateTones[state], integrationsWords[language].states[state]);
}

/** What is wrong, in the viewer's language where its kind is known. @returns undefined where nothing is */
export function problemText({ language }: Viewer, one: IntegrationView, provider: string): Html | undefined {
  const state = stateOf(one);
  if (state !== "lost" && state !== "problem") return undefined;
  if (one.problem !== null) return html`${integrationsWords[language].problems[one.problem](provider)}`;
  return html`<span lang="en">${one.lastError ?? ""}</span>`;
}

/** How long the access lasts. */
export function accessText(viewer: Viewer, one: IntegrationView): string {
  const words = integrationsWords[viewer.language];
  const state = stateOf(one);
  if (state === "lost" || state === "disconnected") return words.over;
  const ends = one.accessEndsAt !== null && formatForViewer(one.accessEndsAt, viewer);
  if (one.renewsAt !== null) return ends === false ? words.renewed : words.renewedUntil(ends);
  const lasts = one.accessEndsAt ?? one.expiresAt;
  return lasts === null ? words.endless : words.ends(formatForViewer(lasts, viewer));
}

export function syncedText({ language }: Viewer, { lastSyncAt }: IntegrationView, now: number): Html {
  if (lastSyncAt !== null) return timeAgo(lastSyncAt, language, now);
  return html`<span class="soft">${integrationsWords[language].never}</span>`;
}

/** The name of a provider that the registry may not have any more. */
export function providerName(name: string, providers: readonly ProviderView[]): string {
  return providers.find(({ provider }) => provider === name)?.name ?? name;
}

/** The one button that this state asks for. */
export function nextStep(viewer: Viewer, place: Place, one: IntegrationView): Html {
  const words = integrationsWords[viewer.language];
  const path = `${place.path}/${one.id}`;
  const named = html`<span class="visually-hidden"> ${one.name}</span>`;
  switch (stateOf(one)) {
    case "lost":
    case "disconnected":
      return html`<form method="post" action="${path}/reconectar">${csrfField(viewer)}<button class="button small" type="submit">${words.reconnect}${named}</button></form>`;
    case "paused":
      return pauseForm(viewer, path, "yes", html`${words.resume}${named}`);
    case "connected":
    case "problem":
      return pauseForm(viewer, path, "no", html`${words.pause}${named}`);
  }
}

function pauseForm(viewer: Viewer, path: string, active: "yes" | "no", label: Html): Html {
  return html`<form method="post" action="${path}/pausa">${csrfField(viewer)}<button class="button quiet small" name="active" value="${active}" type="submit">${label}</button></form>`;
}
