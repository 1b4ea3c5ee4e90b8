import { type Html, html } from "@cita/http";
import { type ProviderView, providerCategories } from "@cita/integrations-api";
import { mayDo } from "../../../access/caller.ts";
import { csrfField } from "../../parts/forms.ts";
import { emptyState } from "../../parts/notes.ts";
import type { Viewer } from "../../viewer.ts";
import { integrationsWords } from "./words.ts";

/** Every service that an account can be connected at, under what people look for it; apart, for admins, those that can't. */
export function connectCard(viewer: Viewer, path: string, providers: readonly ProviderView[]): Html {
  const words = integrationsWords[viewer.language];
  const configured = providers.filter((one) => one.configured);
  const groups = providerCategories
    .map((category) => ({ category, members: configured.filter((one) => one.category === category) }))
    .filter(({ members }) => members.length > 0);
  const { nothingConfigured: nothing } = words;
  const form = html`<form class="stack" method="post" action="${path}">${csrfField(viewer)}${groups.map(({ category, members }) => html`<fieldset class="stack tight"><legend>${words.categories[category]}</legend><div class="row">${members.map(({ provider, name }) => html`<button class="button quiet" name="provider" value="${provider}" type="submit">${name}</button>`)}</div></fieldset>`)}</form>`;
  return html`<section class="card stack" id="conectar" aria-labelledby="conectar-titulo"><div class="stack tight"><h2 id="conectar-titulo">${words.connect}</h2>${groups.length > 0 && html`<p class="soft">${words.connectHint}</p>`}</div>
${groups.length > 0 ? form : emptyState("link", nothing.title, nothing.text)}
${mayDo(viewer.caller, "administer", true) && unconfigured(viewer, providers)}</section>`;
}

function unconfigured({ language }: Viewer, providers: readonly ProviderView[]): Html {
  const words = integrationsWords[language];
  const missing = providers.filter((one) => !one.configured);
  if (missing.length === 0) return html``;
  return html`<details class="disclosure"><summary>${words.notConfigured} (${missing.length})</summary><div class="stack tight"><p class="soft small">${words.notConfiguredHint}</p><dl class="facts">${missing.map(({ name, variables }) => html`<dt>${name}</dt><dd class="small">${variables.map((variable, i) => html`${i > 0 && ", "}<code>${variable}</code>`)}</dd>`)}</dl></div></details>`;
}
