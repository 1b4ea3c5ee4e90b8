import type { SchedulePreview } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { addDays } from "@cita/scheduling";
import type { Language } from "../../language.ts";
import { fieldId, selectField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { formatDay, formatNumber } from "../../parts/times.ts";
import type { ScheduleForm } from "./form.ts";
import type { Problems } from "./problems.ts";
import { type ScheduleWords, scheduleWords } from "./words.ts";

/** What is shown beside the form: what would be offered, or why that can't be said. */
export type Preview =
  | { readonly kind: "none" }
  | { readonly kind: "shown"; readonly preview: SchedulePreview }
  | { readonly kind: "problems"; readonly problems: Problems }
  | { readonly kind: "unavailable" };

export type PreviewPanel = {
  /** Where the form is sent to be previewed. */
  readonly path: string;
  readonly form: ScheduleForm;
  /** The id of the service that is previewed. */
  readonly service: string;
  readonly preview: Preview;
};

/** Follows what is typed. Without JavaScript its button sends the form. */
export function previewPanel(language: Language, panel: PreviewPanel): Html {
  const words = scheduleWords[language].preview;
  const { path, form, preview } = panel;
  const trigger = `${preview.kind === "none" ? "load, " : ""}input from:#editor delay:400ms, change from:#editor delay:100ms, htmx:after:swap from:#editor delay:50ms, change from:find #${fieldId("preview_service")} delay:100ms`;
  const named = form.services.filter(({ id }) => id.trim() !== "");
  const options = named.map(({ id, name }) => ({ value: id, text: name.trim() === "" ? id : name }));
  const chosen = options.some(({ value }) => value === panel.service)
    ? panel.service
    : (options[0]?.value ?? "");
  return html`<aside class="preview card stack" aria-labelledby="preview-title" tabindex="0"><div class="stack tight"><h2 id="preview-title">${words.title}</h2><p class="small soft">${words.intro}</p></div>
<div class="row preview-choice"${options.length < 2 && html` hidden`}><div class="field">${selectField({ name: "preview_service", label: words.service, value: chosen, options, form: "schedule-form" })}</div></div>
<div id="preview" class="stack" aria-live="polite" hx-post="${path}" hx-include="#schedule-form, #${fieldId("preview_service")}" hx-trigger="${trigger}" hx-sync="this:replace">${previewBody(language, preview)}</div>
<noscript><button class="button quiet small" type="submit" form="schedule-form" name="action" value="preview" formnovalidate>${words.update}</button></noscript></aside>`;
}

/** What is replaced while somebody types. */
export function previewBody(language: Language, preview: Preview): Html {
  const { preview: words } = scheduleWords[language];
  switch (preview.kind) {
    case "none":
      return html`<p class="soft">${words.waiting}</p>`;
    case "unavailable":
      return note("wait", words.unavailable);
    case "problems":
      return html`<div class="stack tight"><p><strong>${words.fix}</strong></p><ul class="plain stack tight">${[...preview.problems.byField].map(([field, text]) => problemLink(field, text))}</ul></div>`;
    case "shown":
      return shownPreview(language, words, preview.preview);
  }
}

/** Leads to the field that is wrong. */
export function problemLink(field: string, text: string): Html {
  return html`<li class="small"><a href="#${fieldId(field)}">${text}</a></li>`;
}

/** More of one day would push the next ones out of sight. */
const maxShown = 12;

function shownPreview(language: Language, words: ScheduleWords["preview"], preview: SchedulePreview): Html {
  const { slots, from, to, reason, calendar_error: error, time_zone } = preview;
  const byDate = Map.groupBy(slots, ({ start }) => start.slice(0, 10));
  const dates: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) dates.push(date);
  const zone = html`<p class="small soft">${words.zone} ${time_zone}</p>`;
  const said = error === null ? undefined : (words.calendarErrors[error.code] ?? error.message);
  const warning = said !== undefined && note("wait", html`<span class="small">${said}</span>`);
  if (reason !== null) return html`${warning}${note("calm", words.reasons[reason])}${zone}`;
  const days = dates.map((date) => {
    const times = byDate.get(date) ?? [];
    const day = formatDay(`${date}T12:00:00Z`, language, "UTC");
    const left = times.length - maxShown;
    return html`<div class="slots"><h3>${day}</h3>${
      times.length === 0
        ? html`<p class="small soft">${words.none}</p>`
        : html`<ul class="chips">${times.slice(0, maxShown).map(({ start }) => html`<li><time datetime="${start}">${start.slice(11, 16)}</time></li>`)}${left > 0 && html`<li class="more">${words.more(formatNumber(left, language))}</li>`}</ul>`
    }</div>`;
  });
  return html`${warning}${days}${zone}`;
}
