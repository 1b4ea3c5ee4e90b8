import { type Html, html } from "@cita/http";
import { icon } from "../../icons.ts";
import type { Language } from "../../language.ts";
import { type NamedServices, serviceNamer } from "../../parts/bookings.ts";
import { checkBox, csrfField, type Field, selectField, textField } from "../../parts/forms.ts";
import { emptyState, note } from "../../parts/notes.ts";
import type { Viewer } from "../../viewer.ts";
import { type CalledTool, resultCards } from "./result-view.ts";
import { type CallField, type CallForm, fieldsOf, type ToolName, toolNames } from "./tool-call.ts";
import { tryWords } from "./words.ts";

export type TryPage = {
  readonly path: string;
  readonly tool: ToolName;
  readonly form: CallForm;
  readonly schedule: NamedServices;
  /** Of `/mcp`. */
  readonly url: string;
  readonly called?: CalledTool | undefined;
  /** The calendar service didn't answer. */
  readonly trouble?: string | undefined;
};

/** Choosing a tool, filling in its form, and what came of it. */
export function tryBody(viewer: Viewer, page: TryPage): Html {
  const words = tryWords[viewer.language];
  const { tool, path, called, trouble } = page;
  const choices = toolNames.map(
    (name) =>
      html`<li><a href="${path}/probar?herramienta=${name}"${name === tool && html` aria-current="page"`}>${words.tools[name].name}</a></li>`,
  );
  return html`<p class="soft">${words.intro}</p>
${note("wait", words.real)}
<nav aria-label="${words.toolsLabel}"><ul class="choices">${choices}</ul></nav>
${trouble !== undefined && note("bad", trouble)}
<div class="grid-2">${toolForm(viewer, page)}${called === undefined ? html`<section class="card">${emptyState("chat", words.emptyTitle, words.emptyText)}</section>` : resultCards(viewer, page, called)}</div>`;
}

function toolForm(viewer: Viewer, page: TryPage): Html {
  const { language } = viewer;
  const words = tryWords[language];
  const { path, tool, form } = page;
  const names = fieldsOf[tool];
  const bot = checkBox({
    name: "bot",
    label: words.asBot,
    hint: words.asBotHint,
    isChecked: form.bot === "on",
  });
  return html`<form class="card stack" method="post" action="${path}/probar?herramienta=${tool}" novalidate>
${csrfField(viewer)}<input type="hidden" name="clave" value="${form.clave}">
<div class="stack tight"><h2>${words.tools[tool].name}</h2><p class="soft small">${words.tools[tool].text} <code>${tool}</code></p></div>
${names.map((name) => fieldFor(language, name, page))}
${names.includes("telefono") && bot}
<div class="actions"><button class="button" type="submit">${icon("play")}${words.run}</button></div>
</form>`;
}

function fieldFor(language: Language, name: CallField, { form, schedule }: TryPage): Html {
  const words = tryWords[language];
  const nameService = serviceNamer(schedule, language);
  const field = (label: string, more: Partial<Field> = {}) =>
    textField({ name, label, value: form[name], autocomplete: "off", ...more });
  switch (name) {
    case "fecha":
      return field(words.day, { type: "date" });
    case "dias":
      return field(words.days, { type: "number", inputmode: "numeric" });
    case "hora":
      return field(words.time, { type: "time" });
    case "nombre":
      return field(words.name, { maxLength: 200 });
    case "telefono":
      return field(words.phone, { type: "tel", hint: words.phoneHint });
    case "cita":
      return field(words.booking, { hint: words.bookingHint });
    case "servicio": {
      const ids = new Set(schedule.services.map(({ id }) => id));
      // A schedule that couldn't be read doesn't have the one that was chosen.
      if (form.servicio !== "") ids.add(form.servicio);
      const options = [...ids].map((id) => ({ value: id, text: nameService(id) }));
      return selectField({ name, label: words.service, value: form.servicio, options });
    }
  }
}
