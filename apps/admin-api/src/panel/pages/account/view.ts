import { type Html, html } from "@cita/http";
import { renderSVG } from "uqr";
import type { User } from "../../../people/user.ts";
import { icon } from "../../icons.ts";
import { checkBox, csrfField, selectField, textField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { themes, type Viewer } from "../../viewer.ts";
import { accountWords } from "./words.ts";

/** What is wrong, by the field that it is about. */
export type AccountProblems = {
  readonly [Name in "name" | "current_password" | "password" | "code"]?: string | undefined;
};

export type AccountPage = {
  readonly user: User;
  readonly problems: AccountProblems;
  readonly isSaved: boolean;
  /** A second factor that is being set up. */
  readonly setup: { readonly secret: string; readonly uri: string; readonly setupToken: string } | undefined;
  /** Shown once, right after it was set up. */
  readonly recoveryCodes: readonly string[] | undefined;
};

export function accountBody(viewer: Viewer, page: AccountPage): Html {
  const words = accountWords[viewer.language];
  return html`${page.isSaved && note("good", words.saved)}
${page.recoveryCodes !== undefined && recoveryNote(viewer, page.recoveryCodes)}
${profileForm(viewer, page)}
${passwordForm(viewer, page)}
<section class="card stack" id="segundo-factor"><h2>${words.secondFactor}</h2>${secondFactor(viewer, page)}</section>`;
}

function profileForm(viewer: Viewer, { user, problems }: AccountPage): Html {
  const words = accountWords[viewer.language];
  const options = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).map(([value, text]) => ({ value, text }));
  return html`<form class="card stack" method="post" action="/cuenta" novalidate>
<h2>${words.profile}</h2>
${csrfField(viewer)}
${textField({ name: "name", label: words.name, value: user.name, problem: problems.name, maxLength: 200, isRequired: true, autocomplete: "name" })}
<div class="grid-2">${selectField({ name: "language", label: words.language, value: user.language ?? "", options: options(words.languages) })}${selectField({ name: "theme", label: words.theme, value: viewer.theme, options: themes.map((value) => ({ value, text: words.themes[value] })) })}</div>
${user.role === "admin" && checkBox({ name: "email_notifications", label: words.notifications, hint: words.notificationsHint, isChecked: user.emailNotifications })}
<div class="actions"><button class="button" type="submit">${words.save}</button></div>
</form>`;
}

function passwordForm(viewer: Viewer, { user, problems }: AccountPage): Html {
  const words = accountWords[viewer.language];
  return html`<form class="card stack" method="post" action="/cuenta/contrasena" novalidate>
<h2>${words.password}</h2>
${csrfField(viewer)}
<input type="hidden" name="username" value="${user.email}" autocomplete="username">
${user.hasPassword && textField({ name: "current_password", type: "password", label: words.currentPassword, problem: problems.current_password, autocomplete: "current-password", isRequired: true })}
${textField({ name: "password", type: "password", label: words.newPassword, hint: words.newPasswordHint, problem: problems.password, autocomplete: "new-password", isRequired: true })}
<div class="actions"><button class="button quiet" type="submit">${words.changePassword}</button></div>
</form>`;
}

function secondFactor(viewer: Viewer, { user, problems, setup }: AccountPage): Html {
  const words = accountWords[viewer.language];
  const codeField = textField({
    ...{ name: "code", label: words.code, problem: problems.code, autocomplete: "one-time-code" },
    ...{ inputmode: "numeric", isRequired: true, maxLength: 40 },
  });
  if (user.hasTotp)
    return html`${note("good", words.secondFactorOn)}<form class="stack" method="post" action="/cuenta/segundo-factor/quitar#segundo-factor" novalidate>${csrfField(viewer)}<p class="soft small">${words.disableHint}</p>${codeField}<div class="actions"><button class="button danger" type="submit">${words.disable}</button></div></form>`;
  if (setup === undefined)
    return html`<p class="soft">${words.secondFactorOff}</p><form method="post" action="/cuenta/segundo-factor#segundo-factor">${csrfField(viewer)}<button class="button quiet" type="submit">${words.setUp}</button></form>`;
  return html`<p>${words.scan}</p>
<figure class="row"><div class="qr">${{ html: renderSVG(setup.uri, { border: 0 }) }}</div><figcaption class="stack tight"><span class="soft small">${words.secret}</span><code>${setup.secret.match(/.{1,4}/g)?.join(" ") ?? ""}</code></figcaption></figure>
<form class="stack" method="post" action="/cuenta/segundo-factor/confirmar" novalidate>${csrfField(viewer)}<input type="hidden" name="setup_token" value="${setup.setupToken}"><input type="hidden" name="secret" value="${setup.secret}"><input type="hidden" name="uri" value="${setup.uri}">
${user.hasPassword && textField({ name: "current_password", id: "confirming_password", type: "password", label: words.currentPassword, problem: problems.current_password, autocomplete: "current-password", isRequired: true })}
${codeField}<div class="actions"><button class="button" type="submit">${words.confirm}</button></div></form>`;
}

function recoveryNote({ language }: Viewer, codes: readonly string[]): Html {
  const words = accountWords[language];
  return note(
    "wait",
    html`<p><strong>${words.recoveryTitle}.</strong> ${words.recoveryText}</p><pre id="recovery-codes">${codes.join("\n")}</pre><button class="button quiet small" type="button" data-copy="#recovery-codes" data-copied="${words.copied}">${icon("copy")}<span data-label>${words.copy}</span></button>`,
  );
}
