import type { AgentKeyAudience, AgentKeyView, NewAgentKeyView } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { icon } from "../../icons.ts";
import { csrfField, selectField, textField } from "../../parts/forms.ts";
import { badge, emptyState, note, type Tone } from "../../parts/notes.ts";
import { formatForViewer, timeAgo } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { keyPlaceholder } from "./client-configurations.ts";
import { configurations, copyButton } from "./configurations-view.ts";
import { agentsWords } from "./words.ts";

export const expiryDays = { none: undefined, days30: 30, days90: 90, days365: 365 } as const;
export type Expiry = keyof typeof expiryDays;

/** What was typed, as it was typed. */
export type NewKeyForm = {
  readonly name: string;
  readonly audience: AgentKeyAudience;
  readonly expiry: Expiry;
};

export const emptyForm: NewKeyForm = { name: "", audience: "attendee", expiry: "none" };

export type AgentsPage = {
  readonly path: string;
  /** null: they couldn't be read. */
  readonly keys: readonly AgentKeyView[] | null;
  /** Of `/mcp`. */
  readonly url: string;
  readonly now: number;
  readonly form: NewKeyForm;
  readonly problem?: "name" | "tooMany" | undefined;
  /** The key that was just made, which is shown this once. */
  readonly made?: NewAgentKeyView | undefined;
  readonly isRevoked?: boolean;
  /** Why no key was made, or why nobody knows whether one was. */
  readonly trouble?: string | undefined;
};

/** A customer's agent keys, making one, and what to paste where. */
export function agentsBody(viewer: Viewer, page: AgentsPage): Html {
  const words = agentsWords[viewer.language];
  const { made, url, isRevoked, trouble } = page;
  return html`${isRevoked && note("good", words.revoked)}${trouble !== undefined && note("bad", trouble)}
${made !== undefined && madeCard(viewer, made)}
${made !== undefined && configurations(viewer, { url, key: made.key, audience: made.audience })}
<p class="soft">${words.intro}</p>
${keyList(viewer, page)}
${newKeyForm(viewer, page)}
${made === undefined && configurations(viewer, { url, key: keyPlaceholder, audience: "business" })}`;
}

function madeCard({ language }: Viewer, { key, name }: NewAgentKeyView): Html {
  const words = agentsWords[language];
  return html`<section class="card stack">${note("good", html`<strong>${words.madeTitle}</strong> · <bdi>${name}</bdi>. ${words.madeText}`)}
<div class="copy"><input id="agent-key" readonly value="${key}" aria-label="${words.key}" autocomplete="off">${copyButton(language, "agent-key")}</div></section>`;
}

const stateTones: Readonly<Record<AgentKeyView["state"], Tone>> = {
  live: "good",
  revoked: "calm",
  expired: "wait",
};

function keyList(viewer: Viewer, page: AgentsPage): Html {
  const { none, unlisted } = agentsWords[viewer.language];
  if (page.keys === null) return note("wait", unlisted);
  if (page.keys.length > 0) return keyTable(viewer, page, page.keys);
  return html`<section class="card">${emptyState("key", none.title, none.text)}</section>`;
}

function keyTable(viewer: Viewer, page: AgentsPage, keys: readonly AgentKeyView[]): Html {
  const words = agentsWords[viewer.language];
  const headings = [words.name, words.audience, words.state, words.used, words.expires];
  return html`<section class="card flush"><table class="as-cards"><caption class="visually-hidden">${words.tableLabel}</caption>
<thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}<th scope="col"><span class="visually-hidden">${words.action}</span></th></tr></thead>
<tbody>${keys.map((key) => keyRow(viewer, page, key))}</tbody></table></section>`;
}

function keyRow(viewer: Viewer, { path, now }: AgentsPage, key: AgentKeyView): Html {
  const { language } = viewer;
  const words = agentsWords[language];
  const { key_id, name, audience, state, last_characters, last_used_at, expires_at } = key;
  const used =
    last_used_at === null
      ? html`<span class="soft">${words.never}</span>`
      : timeAgo(last_used_at, language, now);
  const revoke = html`<form method="post" action="${path}/agentes/${key_id}/revocar" data-confirm="${words.revokeConfirm}">${csrfField(viewer)}<button class="button quiet small" type="submit">${words.revoke}<span class="visually-hidden"> ${name}</span></button></form>`;
  return html`<tr>
<th scope="row"><bdi>${name}</bdi><br><code class="soft">…${last_characters}</code></th>
<td data-label="${words.audience}">${words.audiences[audience]}</td>
<td>${badge(stateTones[state], words.states[state])}</td>
<td data-label="${words.used}">${used}</td>
<td data-label="${words.expires}">${expires_at === null ? html`<span class="soft">${words.doesNotExpire}</span>` : formatForViewer(expires_at, viewer)}</td>
<td class="end">${state === "live" && revoke}</td>
</tr>`;
}

function newKeyForm(viewer: Viewer, { path, form, problem }: AgentsPage): Html {
  const words = agentsWords[viewer.language];
  const choice = (audience: AgentKeyAudience, label: string, hint: string) =>
    html`<label class="check"><input type="radio" name="audience" value="${audience}"${form.audience === audience && html` checked`}><span>${label}<br><span class="soft small">${hint}</span></span></label>`;
  const expiries = (Object.keys(expiryDays) as Expiry[]).map((value) => ({
    value,
    text: words.expiries[value],
  }));
  return html`<form class="card stack" method="post" action="${path}/agentes" novalidate>
${csrfField(viewer)}<h2>${words.make}</h2>
${problem === "tooMany" && note("bad", words.problems.tooMany)}
${textField({ name: "name", label: words.name, hint: words.nameHint, value: form.name, maxLength: 100, isRequired: true, autocomplete: "off", problem: problem === "name" ? words.problems.name : undefined })}
<fieldset class="stack tight"><legend>${words.audienceLabel}</legend>
${choice("attendee", words.audienceAttendee, words.audienceAttendeeHint)}
${choice("business", words.audienceBusiness, words.audienceBusinessHint)}</fieldset>
${selectField({ name: "expiry", label: words.expiry, value: form.expiry, options: expiries })}
<div class="actions"><button class="button" type="submit">${icon("key")}${words.submit}</button></div>
</form>`;
}
