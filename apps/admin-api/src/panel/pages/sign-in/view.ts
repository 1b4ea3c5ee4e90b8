import { type Html, html } from "@cita/http";
import { senderField } from "../../../access/csrf.ts";
import type { GoogleProblem } from "../../../people/google-sign-in.ts";
import type { Language } from "../../language.ts";
import { csrfField, textField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { senderOf, typedFields, type Unsent } from "./unsent.ts";
import { signInWords } from "./words.ts";

export type SignInForm = {
  readonly language: Language;
  readonly csrf: string;
  readonly email: string;
  /** A path of ours, where the person was going. */
  readonly next: string;
  readonly problem: SignInProblem | undefined;
  /** That the password was right: the second factor is asked for, and nothing else. */
  readonly proof: string | undefined;
  readonly hasGoogle: boolean;
  /** What was being sent when the session ended. */
  readonly unsent: Unsent | undefined;
};

export type SignInProblem =
  | { readonly kind: "invalid" | "wrong_code" | "too_late" | GoogleProblem }
  | { readonly kind: "wait"; readonly seconds: number };

export function signInBody(form: SignInForm): Html {
  const { language, next, problem, proof, unsent } = form;
  const words = signInWords[language];
  return html`${unsent !== undefined && note("wait", words.ended)}
${problem !== undefined && note("bad", explain(problem, language))}
<form class="stack" method="post" action="/login">
${csrfField(form)}
<input type="hidden" name="next" value="${next}">
${unsent !== undefined && html`<input type="hidden" name="unsent_path" value="${unsent.path}"><input type="hidden" name="unsent_fields" value="${unsent.fields}">`}
${proof === undefined ? passwordFields(form) : codeFields(form, proof)}
<button class="button wide" type="submit">${words.submit}</button>
</form>
${proof !== undefined && html`<p class="small"><a href="/login?${new URLSearchParams({ next }).toString()}">${words.otherAccount}</a></p>`}
${proof === undefined && otherWays(form)}`;
}

function passwordFields({ language, email }: SignInForm): Html {
  const words = signInWords[language];
  return html`${textField({ name: "email", type: "email", label: words.email, value: email, autocomplete: "username", isRequired: true, hasFocus: email === "" })}
${textField({ name: "password", type: "password", label: words.password, autocomplete: "current-password", isRequired: true, hasFocus: email !== "" })}`;
}

function codeFields({ language, email }: SignInForm, proof: string): Html {
  const words = signInWords[language];
  return html`<p class="soft"><bdi>${email}</bdi></p><input type="hidden" name="email" value="${email}"><input type="hidden" name="proof" value="${proof}">
${textField({ name: "totp", label: words.code, hint: words.codeHint, autocomplete: "one-time-code", inputmode: "numeric", isRequired: true, hasFocus: true })}`;
}

function otherWays({ language, next, hasGoogle, unsent }: SignInForm): Html {
  const words = signInWords[language];
  return html`${hasGoogle && unsent !== undefined && html`<p class="soft small">${words.lostWithGoogle}</p>`}
${hasGoogle && html`<a class="button quiet wide" href="/login/google?${new URLSearchParams({ next }).toString()}">${words.withGoogle}</a>`}
<p class="small"><a href="/olvide">${words.forgot}</a></p>
<p class="soft small">${words.ownerHint}</p>`;
}

function explain(problem: SignInProblem, language: Language): string {
  const words = signInWords[language];
  return problem.kind === "wait" ? words.wait(problem.seconds) : words.problems[problem.kind];
}

/**
 * After the sign-in: the form that arrived without a session, to be sent by the person itself. It says whose it is, since
 * the next session may end as well before it is sent.
 */
export function continueBody(language: Language, unsent: Unsent, csrf: string): Html {
  const words = signInWords[language];
  return html`<p>${words.continueText}</p>
<form class="stack" method="post" action="${unsent.path}">
${csrfField({ csrf })}
<input type="hidden" name="${senderField}" value="${senderOf(unsent)}">
${typedFields(unsent).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button class="button wide" type="submit">${words.continueButton}</button>
</form>
<p class="small"><a href="/">${words.discard}</a></p>`;
}
