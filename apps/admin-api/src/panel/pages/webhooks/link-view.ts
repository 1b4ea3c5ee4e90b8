import { type Html, html } from "@cita/http";
import type { Viewer } from "../../viewer.ts";
import { webhooksPathOf } from "./places.ts";
import { webhooksWords } from "./words.ts";

/** Leads to the webhooks from the page of connected accounts, or of one of them. @param path of that page. */
export function webhooksLink({ language }: Viewer, path: string): Html {
  const { title, text, open } = webhooksWords[language].link;
  return html`<section class="card row between" aria-labelledby="avisos"><div class="stack tight grow"><h2 id="avisos">${title}</h2><p class="soft">${text}</p></div><a class="button quiet" href="${webhooksPathOf(path)}">${open}</a></section>`;
}
