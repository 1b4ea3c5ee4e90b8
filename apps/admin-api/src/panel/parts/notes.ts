import { type Html, html } from "@cita/http";
import { type IconName, icon } from "../icons.ts";

/** The meaning of a state, which has a colour and always a word beside it. */
export type Tone = "good" | "wait" | "bad" | "calm";

export function badge(tone: Tone, text: string): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}

const toneIcons: Readonly<Record<Tone, IconName>> = {
  good: "check",
  wait: "clock",
  bad: "warning",
  calm: "info",
};

/** A sentence that stands out. A bad one is read aloud at once. */
export function note(tone: Tone, text: Html | string): Html {
  return html`<div class="note ${tone}" role="${tone === "bad" ? "alert" : "status"}">${icon(toneIcons[tone])}<div>${text}</div></div>`;
}

/** What stands where there is nothing yet: what it would be, and what to do next. */
export function emptyState(name: IconName, title: string, text: string, action?: Html): Html {
  return html`<div class="empty">${icon(name)}<h2>${title}</h2><p>${text}</p>${action}</div>`;
}
