import { type Html, html } from "@cita/http";
import { csrfField as csrfFieldName, senderField } from "../../access/csrf.ts";
import type { Viewer } from "../viewer.ts";

/** What every form that changes something carries: the page's token, and the person whose page it is, if it is one's. */
export function csrfField({ csrf, caller }: Pick<Viewer, "csrf"> & Partial<Pick<Viewer, "caller">>): Html {
  const token = html`<input type="hidden" name="${csrfFieldName}" value="${csrf}">`;
  if (caller?.kind !== "user") return token;
  return html`${token}<input type="hidden" name="${senderField}" value="${caller.userId}">`;
}

export type Field = {
  readonly name: string;
  /** Where another form of the page has a field of the same name. Default: made of the name. */
  readonly id?: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly hint?: string | undefined;
  /** What is wrong with the value, in words. */
  readonly problem?: string | undefined;
  readonly type?: "text" | "email" | "password" | "tel" | "url" | "number" | "date" | "time" | "search";
  readonly autocomplete?: string;
  readonly inputmode?: "numeric" | "tel" | "email";
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  readonly maxLength?: number;
  readonly hasFocus?: boolean;
  /** Until it is edited, it follows the field with this name, in letters that an identifier may have. */
  readonly slugOf?: string;
  /** The id of the values that are suggested. */
  readonly list?: string;
};

/** A field with its label, its hint and its problem, all connected for screen readers. */
export function textField(field: Field): Html {
  const {
    name,
    type = "text",
    value = "",
    isRequired,
    maxLength,
    autocomplete,
    inputmode,
    hasFocus,
    placeholder,
    slugOf,
    list,
  } = field;
  return wrapField(
    field,
    html`<input id="${idOf(field)}" name="${name}" type="${type}" value="${value}"${describe(field)}${isRequired && html` required`}${maxLength !== undefined && html` maxlength="${maxLength}"`}${autocomplete !== undefined && html` autocomplete="${autocomplete}"`}${inputmode !== undefined && html` inputmode="${inputmode}"`}${placeholder !== undefined && html` placeholder="${placeholder}"`}${hasFocus && html` autofocus`}${slugOf !== undefined && html` data-slug-of="${idOf({ name: slugOf })}"`}${list !== undefined && html` list="${list}"`}>`,
  );
}

export function textArea(field: Field & { readonly rows?: number }): Html {
  const { name, value = "", rows = 4, isRequired, maxLength } = field;
  return wrapField(
    field,
    html`<textarea id="${idOf(field)}" name="${name}" rows="${rows}"${describe(field)}${isRequired && html` required`}${maxLength !== undefined && html` maxlength="${maxLength}"`}>
${value}</textarea>`,
  );
}

export type Option = { readonly value: string; readonly text: string };

type SelectField = Field & {
  readonly options: readonly Option[];
  /** The id of the form that it belongs to, where it stands outside of it. */
  readonly form?: string;
};

export function selectField(field: SelectField): Html {
  const { name, value = "", options, form } = field;
  return wrapField(
    field,
    html`<select id="${idOf(field)}" name="${name}"${form !== undefined && html` form="${form}"`}${describe(field)}>${options.map(
      (option) =>
        html`<option value="${option.value}"${option.value === value && html` selected`}>${option.text}</option>`,
    )}</select>`,
  );
}

export type CheckBox = {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly isChecked?: boolean;
  readonly value?: string;
};

export function checkBox({ name, label, hint, isChecked, value = "on" }: CheckBox): Html {
  return html`<label class="check"><input type="checkbox" name="${name}" value="${value}"${isChecked && html` checked`}><span>${label}${hint !== undefined && html`<br><span class="soft small">${hint}</span>`}</span></label>`;
}

function wrapField(field: Field, control: Html): Html {
  const { label, hint, problem } = field;
  const id = idOf(field);
  return html`<div class="field"><label for="${id}">${label}</label>${control}${hint !== undefined && html`<span class="hint" id="${id}-hint">${hint}</span>`}${problem !== undefined && html`<span class="problem" id="${id}-problem">${problem}</span>`}</div>`;
}

function describe(field: Field): Html {
  const { hint, problem } = field;
  const id = idOf(field);
  const ids = [problem !== undefined && `${id}-problem`, hint !== undefined && `${id}-hint`].filter(Boolean);
  return html`${ids.length > 0 && html` aria-describedby="${ids.join(" ")}"`}${problem !== undefined && html` aria-invalid="true"`}`;
}

/** The id of the field with a name. */
export function fieldId(name: string): string {
  return idOf({ name });
}

function idOf({ name, id = name }: Pick<Field, "name" | "id">): string {
  return `field-${id.replaceAll(/[^\w-]/g, "-")}`;
}
