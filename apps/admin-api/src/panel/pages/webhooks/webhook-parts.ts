/** What the list and the page of one webhook say of it alike. */

import { type Html, html } from "@cita/http";
import type { WebhookView } from "@cita/integrations-api";
import { csrfField } from "../../parts/forms.ts";
import { badge, note } from "../../parts/notes.ts";
import { formatForViewer, timeAgo } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { copyButton } from "../agents/configurations-view.ts";
import type { WebhookPlace } from "./places.ts";
import { stateOf, stateTones } from "./states.ts";
import { type Words, webhooksWords } from "./words.ts";

/** Its state, in a colour and a word. */
export function stateBadge({ language }: Viewer, one: WebhookView): Html {
  const state = stateOf(one);
  return badge(stateTones[state], webhooksWords[language].states[state]);
}

/** What is wrong; undefined where nothing is. */
export function problemText(viewer: Viewer, one: WebhookView): Html | undefined {
  const words = webhooksWords[viewer.language];
  const state = stateOf(one);
  if (state === "disabled") return html`${words.disabled} <span lang="en">${one.disabledReason ?? ""}</span>`;
  if (state !== "failing" || one.failingSince === null) return undefined;
  return html`${words.failingSince(formatForViewer(one.failingSince, viewer))}`;
}

/** A longer address is known by its beginning. */
const maxShownLength = 100;

/** Host and path: what follows a question mark may be a secret. */
export function receiverOf({ url }: Pick<WebhookView, "url">): string {
  const parsed = URL.parse(url);
  const shown = parsed === null ? url : `${parsed.host}${parsed.pathname}`;
  return shown.length > maxShownLength ? `${shown.slice(0, maxShownLength)}…` : shown;
}

/** What it is told, in a few words. */
export function eventsText({ language }: Viewer, { events }: Pick<WebhookView, "events">): Html {
  const words = webhooksWords[language];
  if (events.includes("*")) return html`${words.all}`;
  return html`${events.map((name, i) => html`${i > 0 && ", "}<code>${name}</code>`)}`;
}

/** What has happened, as a title; of an event that this version doesn't know its name. */
export function eventTitle(words: Words, name: string): string {
  return (words.eventTexts[name] ?? name).replace(/\.$/, "");
}

export function lastDeliveryText({ language }: Viewer, { lastTriggeredAt }: WebhookView, now: number): Html {
  if (lastTriggeredAt !== null) return timeAgo(lastTriggeredAt, language, now);
  return html`<span class="soft">${webhooksWords[language].never}</span>`;
}

/** The button that pauses it, or resumes it. */
export function pauseForm(viewer: Viewer, place: WebhookPlace, one: WebhookView): Html {
  const words = webhooksWords[viewer.language];
  const [value, label] = one.isActive ? (["no", words.pause] as const) : (["yes", words.resume] as const);
  return html`<form method="post" action="${place.path}/${one.id}/pausa">${csrfField(viewer)}<button class="button ${one.isActive && "quiet "}small" name="active" value="${value}" type="submit">${label}<span class="visually-hidden"> ${receiverOf(one)}</span></button></form>`;
}

/** A secret that was just made, which is shown this once. */
export function secretCard({ language }: Viewer, title: string, secret: string): Html {
  const words = webhooksWords[language];
  return html`<section class="card stack">${note("good", html`<strong>${title}</strong> ${words.secretText}`)}
<div class="copy"><input id="webhook-secret" readonly value="${secret}" aria-label="${words.secret}" autocomplete="off">${copyButton(language, "webhook-secret")}</div></section>`;
}
