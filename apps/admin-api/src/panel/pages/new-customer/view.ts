import { type Html, html } from "@cita/http";
import { checkBox, csrfField, textField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import type { Viewer } from "../../viewer.ts";
import { newCustomerWords } from "./words.ts";

/** What was typed, as it was typed. */
export type NewCustomerForm = {
  readonly customer_name: string;
  readonly customer_email: string;
  readonly customer_phone: string;
  readonly customer_id: string;
  readonly any_account: boolean;
};

type Words = (typeof newCustomerWords)["es"];
export type NewCustomerProblem = keyof Words["problems"];

export type NewCustomerProblems = {
  readonly [Name in keyof NewCustomerForm | "form"]?: NewCustomerProblem | undefined;
};

export const emptyForm: NewCustomerForm = {
  ...{ customer_name: "", customer_email: "", customer_phone: "", customer_id: "", any_account: false },
};

export function newCustomerBody(viewer: Viewer, form: NewCustomerForm, problems: NewCustomerProblems): Html {
  const words = newCustomerWords[viewer.language];
  const say = (problem: NewCustomerProblem | undefined) => problem && words.problems[problem];
  return html`${problems.form !== undefined && note("bad", words.problems[problems.form])}
<form class="card stack" method="post" action="/clientes/nuevo" novalidate>
${csrfField(viewer)}
${textField({ name: "customer_name", label: words.name, hint: words.nameHint, value: form.customer_name, problem: say(problems.customer_name), maxLength: 200, isRequired: true, hasFocus: true, autocomplete: "off" })}
${textField({ name: "customer_email", type: "email", label: words.email, hint: words.emailHint, value: form.customer_email, problem: say(problems.customer_email), maxLength: 254, isRequired: true, autocomplete: "off" })}
${checkBox({ name: "any_account", label: words.anyAccount, hint: words.anyAccountHint, isChecked: form.any_account })}
${textField({ name: "customer_phone", type: "tel", label: words.phone, hint: words.phoneHint, value: form.customer_phone, problem: say(problems.customer_phone), autocomplete: "off" })}
${textField({ name: "customer_id", label: words.id, hint: words.idHint, value: form.customer_id, problem: say(problems.customer_id), maxLength: 64, autocomplete: "off", slugOf: "customer_name" })}
<div class="actions"><button class="button" type="submit">${words.submit}</button><a href="/clientes">${words.cancel}</a></div>
</form>`;
}
