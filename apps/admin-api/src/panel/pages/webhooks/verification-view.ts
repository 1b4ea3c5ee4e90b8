import { type Html, html } from "@cita/http";
import type { Viewer } from "../../viewer.ts";
import { copyButton } from "../agents/configurations-view.ts";
import { type SnippetLanguage, snippets } from "./verification-snippets.ts";
import { webhooksWords } from "./words.ts";

/** How a receiver verifies signatures, to be copied. */
export function verificationCard({ language }: Viewer): Html {
  const words = webhooksWords[language];
  const names = Object.keys(snippets) as SnippetLanguage[];
  return html`<section class="card stack" id="verificar" aria-labelledby="verificar-titulo"><div class="stack tight"><h2 id="verificar-titulo">${words.verify}</h2><p class="soft">${words.verifyText}</p></div>
${names.map((name) => {
  const id = `verificar-${name}`;
  const { label, code } = snippets[name];
  return html`<details class="disclosure"><summary>${label}</summary><div class="stack tight"><pre class="capped" tabindex="0" aria-label="${label}"><code id="${id}">${code}</code></pre><div>${copyButton(language, id)}</div></div></details>`;
})}</section>`;
}
