import type { AgentKeyAudience } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { icon } from "../../icons.ts";
import type { Language } from "../../language.ts";
import type { Viewer } from "../../viewer.ts";
import {
  type AgentAccess,
  clientNames,
  configure,
  keyPlaceholder,
  type TextClient,
} from "./client-configurations.ts";
import { agentsWords } from "./words.ts";

type Shown = AgentAccess & { readonly audience: AgentKeyAudience };
type Client = TextClient | "n8n";

const clientsOf: Readonly<Record<AgentKeyAudience, readonly Client[]>> = {
  business: ["claude-desktop", "claude-code", "cursor", "vscode", "n8n", "curl"],
  attendee: ["n8n", "curl"],
};

/** Stands for the number of whoever writes to a bot. */
const examplePhone = "573001234567";

/** What to paste into each program. */
export function configurations({ language }: Viewer, shown: Shown): Html {
  const words = agentsWords[language];
  const { key, audience } = shown;
  const hint =
    audience === "attendee" ? words.configureAttendee : key === keyPlaceholder && words.configureLater;
  return html`<section class="card stack"><h2>${words.configure}</h2>
${hint !== false && html`<p class="soft">${hint}</p>`}
${clientsOf[audience].map((client) => configuration(language, client, shown))}</section>`;
}

function configuration(language: Language, client: Client, shown: Shown): Html {
  const words = agentsWords[language];
  const body = client === "n8n" ? n8nFields(language, shown) : textOf(language, client, shown);
  return html`<details class="disclosure"><summary>${clientNames[client]}</summary><div class="stack tight"><p class="soft small">${words.where[client]}</p>${body}</div></details>`;
}

function textOf(language: Language, client: TextClient, shown: Shown): Html {
  const id = `configuration-${client}`;
  const text = configure(client, shown, shown.audience === "attendee" ? examplePhone : undefined);
  return html`<pre tabindex="0" aria-label="${clientNames[client]}"><code id="${id}">${text}</code></pre><div>${copyButton(language, id)}</div>`;
}

function n8nFields(language: Language, { url, key, audience }: Shown): Html {
  const words = agentsWords[language].n8n;
  const isBot = audience === "attendee";
  const field = (name: string, id: string, value: string) =>
    html`<dt>${name}</dt><dd class="copy"><code id="${id}">${value}</code>${copyButton(language, id)}</dd>`;
  return html`<dl class="facts">
${field(words.endpoint, "n8n-endpoint", url)}
<dt>${words.transport}</dt><dd>HTTP Streamable</dd>
<dt>${words.authentication}</dt><dd>${isBot ? "Multiple Headers Auth" : "Bearer Auth"}</dd>
${isBot ? field("Authorization", "n8n-authorization", `Bearer ${key}`) : field(words.token, "n8n-token", key)}
${isBot && field(words.header, "n8n-attendee", "{{ $('WhatsApp Trigger').item.json.contacts[0].wa_id }}")}
</dl>`;
}

export function copyButton(language: Language, id: string): Html {
  const { copy, copied } = agentsWords[language];
  return html`<button class="button quiet small" type="button" data-copy="#${id}" data-copied="${copied}">${icon("copy")}<span data-label>${copy}</span></button>`;
}
