import { type Html, html } from "@cita/http";
import { checkBox, csrfField } from "../../parts/forms.ts";
import type { Viewer } from "../../viewer.ts";
import type { IntegrationPage } from "./integration-view.ts";
import { integrationsWords } from "./words.ts";

/** Disconnecting, which is asked for twice: by opening it, and by its button. */
export function disconnectCard(viewer: Viewer, { place, one, provider }: IntegrationPage): Html {
  const words = integrationsWords[viewer.language];
  return html`<details class="card"><summary>${words.disconnect}</summary><form class="stack" id="desconectar" method="post" action="${place.path}/${one.id}/desconectar" data-confirm="${words.disconnectConfirm}">${csrfField(viewer)}<p class="soft">${words.disconnectText}</p>
${provider !== undefined && atProvider(viewer, provider)}
<div><button class="button danger" type="submit">${words.disconnect}</button></div></form></details>`;
}

/** What becomes of the permission at the provider, and how to have it otherwise. */
function atProvider(
  { language }: Viewer,
  { name, revocation, accessPage }: NonNullable<IntegrationPage["provider"]>,
): Html {
  const words = integrationsWords[language];
  if (revocation === "token") return html``;
  if (revocation !== null)
    return html`<p class="soft">${words.disconnectShared(name)}</p>${checkBox({ name: "revoke", value: "all", label: words.revokeAll(name), hint: words.revokeAllHint })}`;
  const link =
    accessPage !== null &&
    html` <a href="${accessPage}" target="_blank" rel="noopener noreferrer">${words.endThere}</a>`;
  return html`<p class="soft">${words.disconnectKeys}${link}</p>`;
}
