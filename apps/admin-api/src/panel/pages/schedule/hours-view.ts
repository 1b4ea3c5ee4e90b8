import { type Html, html } from "@cita/http";
import { formatWeekday, weekdays } from "@cita/scheduling";
import type { Language } from "../../language.ts";
import { fieldId, selectField, textField } from "../../parts/forms.ts";
import { countryOptions } from "./countries.ts";
import { describeField, type EditorParts, listProblem, rowButton, sectionHead, windowRow } from "./fields.ts";
import type { DateForm, ScheduleForm } from "./form.ts";

/** The hours of each weekday. */
export function weeklyHours(parts: EditorParts, form: ScheduleForm, language: Language): Html {
  const { words } = parts;
  const days = weekdays.map((day) => {
    const name = `weekly_hours.${day}`;
    const place = capitalised(formatWeekday(day, language));
    const windows = form.weekly_hours[day];
    return html`<fieldset class="day" id="${fieldId(name)}"><legend>${place}</legend>
<div class="stack tight">${windows.length === 0 && html`<span class="soft">${words.closed}</span>`}${windows.map((window, i) => windowRow(parts, { name: `${name}.${i}`, window, place }))}${listProblem(parts, name)}${day === "monday" && html`<div class="small">${rowButton(parts, { action: "copy:monday", text: words.copyDay, look: "bare", at: name })}</div>`}</div>
${rowButton(parts, { action: `add:${name}`, text: "+", label: `${words.addWindow}: ${place}`, at: name })}</fieldset>`;
  });
  return html`<section class="card stack" aria-labelledby="hours">${sectionHead("hours", words.sections.hours)}<div class="days">${days}</div></section>`;
}

/** Dates with hours of their own, and the country whose holidays are closed. */
export function specialDates(parts: EditorParts, form: ScheduleForm, language: Language): Html {
  const { words } = parts;
  const { country, region } = form.holidays;
  const options = [{ value: "", text: words.noCountry }, ...countryOptions(language, country)];
  return html`<section class="card stack" aria-labelledby="dates">${sectionHead("dates", words.sections.dates)}
<div class="grid-2">${selectField({ ...describeField(parts, "holidays.country", words.country), value: country, options })}
${textField({ ...describeField(parts, "holidays.region", words.region), value: region, maxLength: 20, autocomplete: "off" })}</div>
<div class="days" id="${fieldId("date_overrides")}">${form.date_overrides.length === 0 && html`<p class="soft">${words.noDates}</p>`}${form.date_overrides.map((date, i) => dateRow(parts, date, i))}</div>
${listProblem(parts, "date_overrides")}
<div>${rowButton(parts, { action: "add:date_overrides", text: words.addDate, at: `date_overrides.${form.date_overrides.length}.date` })}</div></section>`;
}

function dateRow(parts: EditorParts, { date, windows }: DateForm, i: number): Html {
  const { words, problems, focus } = parts;
  const name = `date_overrides.${i}`;
  const problem = problems.byField.get(`${name}.date`);
  const id = fieldId(`${name}.date`);
  const place = date === "" ? words.date : date;
  return html`<fieldset class="day dated" id="${fieldId(name)}"><legend class="visually-hidden">${place}</legend>
<div class="stack tight"><input type="date" id="${id}" name="${name}.date" value="${date}" aria-label="${words.date}"${problem !== undefined && html` aria-invalid="true" aria-describedby="${id}-problem"`}${focus === `${name}.date` && html` autofocus`}>${problem !== undefined && html`<span class="problem" id="${id}-problem">${problem}</span>`}</div>
<div class="stack tight">${windows.length === 0 && html`<span class="soft">${words.closedAllDay}</span>`}${windows.map((window, at) => windowRow(parts, { name: `${name}.windows.${at}`, window, place }))}${listProblem(parts, `${name}.windows`)}<div class="small">${rowButton(parts, { action: `remove:${name}`, text: words.removeDate, label: `${words.removeDate}: ${place}`, look: "bare", at: "date_overrides" })}</div></div>
${rowButton(parts, { action: `add:${name}.windows`, text: "+", label: `${words.addWindow}: ${place}`, at: name })}</fieldset>`;
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
