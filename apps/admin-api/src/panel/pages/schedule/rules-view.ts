import { type Html, html } from "@cita/http";
import { checkBox, fieldId, selectField, textArea, textField } from "../../parts/forms.ts";
import { describeField, type EditorParts, sectionHead } from "./fields.ts";
import { numberNames, type ScheduleForm, switchNames } from "./form.ts";

/** Distances, limits, and the pause. */
export function rules(parts: EditorParts, form: ScheduleForm): Html {
  const { words } = parts;
  return html`<section class="card stack" aria-labelledby="limits">${sectionHead("limits", words.sections.limits)}
<div class="grid-3">${numberNames.map((name) => textField({ ...describeField(parts, name, words.numbers[name]), value: form.numbers[name], inputmode: "numeric", autocomplete: "off" }))}</div></section>
<section class="card stack" aria-labelledby="pause">${sectionHead("pause", words.sections.pause)}${pauseField(parts, form.paused_until)}</section>`;
}

function pauseField(parts: EditorParts, value: string): Html {
  const { words, problems } = parts;
  const [id, problem] = [fieldId("paused_until"), problems.byField.get("paused_until")];
  return html`<div class="field"><label for="${id}">${words.pausedUntil.label}</label><div><input type="datetime-local" id="${id}" name="paused_until" value="${value}" aria-describedby="${id}-hint${problem !== undefined && ` ${id}-problem`}"${problem !== undefined && html` aria-invalid="true"`}></div><span class="hint" id="${id}-hint">${words.pausedUntil.hint}</span>${problem !== undefined && html`<span class="problem" id="${id}-problem">${problem}</span>`}</div>`;
}

const timeZones = Intl.supportedValuesOf("timeZone");

/** Whose calendars are read, in which zone and language, and what is written. */
export function calendarSettings(parts: EditorParts, form: ScheduleForm): Html {
  const { words } = parts;
  const languages = Object.entries(words.languages).map(([value, text]) => ({ value, text }));
  const options = [{ value: "", text: words.automatic }, ...languages];
  return html`<section class="card stack" aria-labelledby="calendar">${sectionHead("calendar", words.sections.calendar)}
<div class="grid-2">${textField({ ...describeField(parts, "time_zone", words.timeZone), value: form.time_zone, list: "time-zones", autocomplete: "off", maxLength: 64 })}
${selectField({ ...describeField(parts, "language", words.language), value: form.language, options })}</div>
<datalist id="time-zones">${timeZones.map((zone) => html`<option value="${zone}">`)}</datalist>
${textArea({ ...describeField(parts, "busy_calendars", words.busyCalendars), value: form.busy_calendars, rows: Math.min(10, form.busy_calendars.split("\n").length + 1) })}
<div class="stack">${switchNames.map((name) => checkBox({ name, label: words.switches[name].label, hint: words.switches[name].hint || undefined, isChecked: form.switches[name] }))}</div></section>`;
}
