import { type Html, html } from "@cita/http";
import type { Language } from "../../language.ts";
import { csrfField, textField } from "../../parts/forms.ts";
import { linkPageWords } from "./words.ts";

type Common = { readonly language: Language; readonly csrf: string; readonly path: string };
export type PasswordProblem = keyof (typeof linkPageWords)["es"]["problems"];

/** Choosing a password by a link, and by an invitation a name too. */
export function passwordBody(
  { language, csrf, path }: Common,
  form: { kind: "join" | "reset"; email: string; name: string; problem?: PasswordProblem | undefined },
): Html {
  const words = linkPageWords[language];
  const { kind, email, name, problem } = form;
  const say = (one: PasswordProblem) => (problem === one ? words.problems[one] : undefined);
  const text = kind === "join" ? words.joinText(email) : words.resetText(email);
  return html`<p class="soft">${text}</p>
<form class="stack" method="post" action="${path}" novalidate>
${csrfField({ csrf })}
<input type="hidden" name="username" value="${email}" autocomplete="username">
${kind === "join" && textField({ name: "name", label: words.name, value: name, problem: say("name"), autocomplete: "name", maxLength: 200, isRequired: true, hasFocus: true })}
${textField({ name: "password", type: "password", label: words.password, hint: words.passwordHint, problem: say("weak"), autocomplete: "new-password", isRequired: true, hasFocus: kind === "reset" })}
<button class="button wide" type="submit">${kind === "join" ? words.join : words.reset}</button>
</form>`;
}

/** A link that signs in is opened by a button, so that a preview of it in a chat doesn't use it up. */
export function enterBody({ language, csrf, path }: Common, business: string | undefined): Html {
  const words = linkPageWords[language];
  return html`<p class="soft">${business === undefined ? words.enterUser : words.enterOwner(business)}</p>
<form method="post" action="${path}">${csrfField({ csrf })}<button class="button wide" type="submit">${words.enter}</button></form>`;
}

export function forgotBody({ language, csrf, path }: Common): Html {
  const words = linkPageWords[language];
  return html`<p class="soft">${words.forgotText}</p>
<form class="stack" method="post" action="${path}">
${csrfField({ csrf })}
${textField({ name: "email", type: "email", label: words.email, autocomplete: "username", isRequired: true, hasFocus: true })}
<button class="button wide" type="submit">${words.forgot}</button>
</form>
<p class="small"><a href="/login">${words.back}</a></p>`;
}

/** A sentence, and the way back to signing in. */
export function sentenceBody(language: Language, text: string): Html {
  return html`<p class="soft">${text}</p><p><a class="button quiet wide" href="/login">${linkPageWords[language].back}</a></p>`;
}
