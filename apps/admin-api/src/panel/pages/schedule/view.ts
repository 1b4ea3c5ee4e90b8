import { type Html, html } from "@cita/http";
import { mayDo } from "../../../access/caller.ts";
import { csrfField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import type { Viewer } from "../../viewer.ts";
import { type Conflict, conflictNote } from "./conflict-view.ts";
import type { EditorParts } from "./fields.ts";
import type { ScheduleForm } from "./form.ts";
import { specialDates, weeklyHours } from "./hours-view.ts";
import { type Preview, previewPanel, problemLink } from "./preview-view.ts";
import { noProblems, type Problems } from "./problems.ts";
import { calendarSettings, rules } from "./rules-view.ts";
import { services } from "./services-view.ts";
import { type ScheduleWords, scheduleWords } from "./words.ts";

/** What the form was made of, which it carries along. */
export type Version = {
  /** Of the schedule that the form was made of. */
  readonly eTag: string;
  /** The same in parts: see `compare.ts`. */
  readonly fingerprint: string;
  /** In which a pause is written where the form names none. */
  readonly timeZone: string;
};

export type SchedulePage = {
  /** The page's own address. */
  readonly path: string;
  readonly form: ScheduleForm;
  /** Whether the form has what somebody has typed and not saved. */
  readonly isTyped: boolean;
  readonly version: Version;
  readonly problems?: Problems;
  readonly conflict?: Conflict;
  readonly preview?: Preview;
  readonly previewService?: string;
  readonly focus?: string | undefined;
  readonly notice?: "saved" | "unavailable" | "mayBeSaved";
};

/** The editor beside what an agent would offer. */
export function scheduleBody(viewer: Viewer, page: SchedulePage): Html {
  const { path, form, problems = noProblems, preview = { kind: "none" }, previewService = "" } = page;
  const words = scheduleWords[viewer.language];
  const mayChange = mayDo(viewer.caller, "change_customer", true);
  const parts: EditorParts = { words, problems, path, focus: page.focus, mayChange };
  const panel = { path: `${path}/vista-previa`, form, service: previewService, preview };
  return html`${notices(viewer, page, words, mayChange)}
<div class="beside"><div id="editor">${editor(viewer, page, parts)}</div>${mayChange && previewPanel(viewer.language, panel)}</div>`;
}

function notices(viewer: Viewer, page: SchedulePage, words: ScheduleWords, mayChange: boolean): Html {
  const { path, problems = noProblems, conflict, notice } = page;
  const count = problems.byField.size + problems.more;
  const links = [...problems.byField].map(([field, text]) => problemLink(field, text));
  return html`${notice === "saved" && note("good", words.saved)}${(notice === "unavailable" || notice === "mayBeSaved") && note("bad", words[notice])}
${!mayChange && note("calm", words.readOnly)}
${count > 0 && note("bad", html`<strong>${words.notSaved(count)}</strong><ul class="plain">${links}</ul>`)}
${conflict !== undefined && conflictNote(viewer.language, path, conflict)}`;
}

/** Enter in a field presses the form's first button, which therefore saves. */
function editor(viewer: Viewer, { path, form, version, isTyped }: SchedulePage, parts: EditorParts): Html {
  const { words, mayChange } = parts;
  return html`<form id="schedule-form" class="stack" method="post" action="${path}" novalidate data-unsaved${isTyped && html`="typed"`}>
${mayChange && html`<button class="visually-hidden" type="submit" name="action" value="save" tabindex="-1" aria-hidden="true">${words.save}</button>`}
${csrfField(viewer)}<input type="hidden" name="etag" value="${version.eTag}"><input type="hidden" name="fingerprint" value="${version.fingerprint}"><input type="hidden" name="zone" value="${version.timeZone}">
<fieldset class="stack"${!mayChange && html` disabled`}><legend class="visually-hidden">${words.save}</legend>
${weeklyHours(parts, form, viewer.language)}
${specialDates(parts, form, viewer.language)}
${services(parts, form)}
${rules(parts, form)}
${calendarSettings(parts, form)}
</fieldset>
${mayChange && html`<div class="actions save-bar"><button class="button" type="submit" name="action" value="save">${words.save}</button><a class="to-preview" href="#preview-title">${words.preview.see}</a></div>`}
</form>`;
}
