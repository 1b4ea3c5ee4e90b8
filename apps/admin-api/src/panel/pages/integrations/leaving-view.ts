import { type Html, html } from "@cita/http";
import { icon } from "../../icons.ts";
import type { Viewer } from "../../viewer.ts";
import { integrationsWords } from "./words.ts";

/** Stands for a moment, until the browser has gone on to the provider by itself. */
export function leavingBody(
  { language }: Viewer,
  { name, authorizationUrl, path }: { name: string; authorizationUrl: string; path: string },
): Html {
  const words = integrationsWords[language];
  return html`<section class="card"><div class="empty">${icon("open")}<h2>${words.leaving(name)}</h2><p>${words.leavingText(name)}</p><a class="button" href="${authorizationUrl}" rel="noreferrer">${words.goOn(name)}</a><a href="${path}">${words.back}</a></div></section>`;
}
