import { type Html, html } from "@cita/http";
import type { OpeningWindow } from "@cita/scheduling";
import { fieldId } from "../../parts/forms.ts";
import type { Problems } from "./problems.ts";
import type { ScheduleWords } from "./words.ts";

/** What every part of the editor is given. */
export type EditorParts = {
  readonly words: ScheduleWords;
  readonly problems: Problems;
  /** Where the form is sent. */
  readonly path: string;
  /** The field that was added and is to be filled in next. */
  readonly focus: string | undefined;
  readonly mayChange: boolean;
};

/** Label, hint and problem of a field, by its name. */
export function describeField(
  { problems }: Pick<EditorParts, "problems">,
  name: string,
  { label, hint }: { readonly label: string; readonly hint: string },
) {
  return { name, label, hint: hint === "" ? undefined : hint, problem: problems.byField.get(name) };
}

/** The heading of a part of the form. */
export function sectionHead(
  id: string,
  { label, hint }: { readonly label: string; readonly hint: string },
): Html {
  return html`<div class="stack tight"><h2 id="${id}">${label}</h2>${hint !== "" && html`<p class="soft small">${hint}</p>`}</div>`;
}

type RowButton = {
  readonly action: string;
  readonly text: string;
  /** Said instead of the text to those who don't see where the button stands. */
  readonly label?: string;
  readonly look?: "quiet" | "bare";
  /** The field at which a page that is loaded anew begins. */
  readonly at: string;
};

/** Sends the form to change its rows: by htmx in place, without JavaScript with the page loaded anew at the row. */
export function rowButton({ path, mayChange }: EditorParts, button: RowButton): Html {
  if (!mayChange) return html``;
  const { action, text, label, look = "quiet", at } = button;
  const looks = look === "bare" ? "link-button" : "button quiet small";
  return html`<button class="${looks}" type="submit" name="action" value="${action}" formnovalidate formaction="${path}#${fieldId(at)}"${label !== undefined && html` aria-label="${label}" title="${label}"`} hx-post="${path}" hx-target="#schedule-form" hx-select="#schedule-form" hx-swap="outerHTML">${text}</button>`;
}

type WindowRow = {
  /** `weekly_hours.monday.0` */
  readonly name: string;
  readonly window: OpeningWindow;
  /** What it is of, for those who don't see where the fields stand. */
  readonly place: string;
};

/** Opening and closing, with what is wrong with either below. */
export function windowRow(parts: EditorParts, { name, window, place }: WindowRow): Html {
  const { words, focus } = parts;
  const list = name.slice(0, name.lastIndexOf("."));
  const found = problemsOf(parts, name);
  const field = (member: "start" | "end", label: string) => {
    const full = `${name}.${member}`;
    return html`<input type="time" id="${fieldId(full)}" name="${full}" value="${window[member]}" aria-label="${label}"${found.length > 0 && html` aria-invalid="true" aria-describedby="${fieldId(name)}-problem"`}${focus === full && html` autofocus`}>`;
  };
  return html`<div class="window"><span class="row">${field("start", words.opens(place))}<span aria-hidden="true">–</span>${field("end", words.closes(place))}${rowButton(parts, { action: `remove:${name}`, text: "✕", label: words.removeWindow(place), at: list })}</span>${found.length > 0 && html`<span class="problem" id="${fieldId(name)}-problem">${found.join(" ")}</span>`}</div>`;
}

function problemsOf({ problems }: EditorParts, name: string): string[] {
  const all = [name, `${name}.start`, `${name}.end`].flatMap((one) => problems.byField.get(one) ?? []);
  return [...new Set(all)];
}

/** What is wrong with a list as a whole. */
export function listProblem({ problems }: Pick<EditorParts, "problems">, name: string): Html {
  const problem = problems.byField.get(name);
  return html`${problem !== undefined && html`<p class="problem">${problem}</p>`}`;
}
