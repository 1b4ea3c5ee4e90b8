import { type Html, html } from "@cita/http";
import { type Role, roles } from "../../../access/caller.ts";
import type { User } from "../../../people/user.ts";
import { icon } from "../../icons.ts";
import { csrfField, selectField, textArea, textField } from "../../parts/forms.ts";
import { badge, note } from "../../parts/notes.ts";
import type { Viewer } from "../../viewer.ts";
import { peopleWords } from "./words.ts";

/** What was typed to invite somebody. */
export type InviteForm = {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly customers: string;
};
export type PeopleProblems = { readonly [Name in "email" | "customers" | "role"]?: string | undefined };

export type PeoplePage = {
  readonly users: readonly User[];
  readonly q: string;
  readonly nextAfter: string | null;
  readonly form: InviteForm;
  readonly problems: PeopleProblems;
};

export const emptyInvitation: InviteForm = { email: "", name: "", role: "member", customers: "" };

export function peopleBody(viewer: Viewer, { users, q, nextAfter, form, problems }: PeoplePage): Html {
  const words = peopleWords[viewer.language];
  const headings = [words.name, words.role, words.state];
  const more =
    nextAfter !== null && new URLSearchParams({ ...(q !== "" && { q }), after: nextAfter }).toString();
  return html`<form class="toolbar" method="get" action="/personas" role="search"><div class="field wide">${textField({ name: "q", type: "search", label: words.search, placeholder: words.searchHint, value: q, maxLength: 100 })}</div><button class="button quiet" type="submit">${icon("search")}${words.search}</button></form>
<section class="card flush"><table class="as-cards"><caption class="visually-hidden">${words.title}</caption><thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead><tbody>${users.map((user) => personRow(viewer, user))}</tbody></table></section>
${more !== false && html`<nav class="row"><a class="button quiet" href="/personas?${more}">${words.next}</a></nav>`}
<form class="card stack" method="post" action="/personas" novalidate id="invitar">
<h2>${words.inviteTitle}</h2>
${csrfField(viewer)}
<div class="grid-2">${textField({ name: "email", type: "email", label: words.email, value: form.email, problem: problems.email, maxLength: 254, isRequired: true, autocomplete: "off" })}${textField({ name: "name", label: words.name, value: form.name, maxLength: 200, autocomplete: "off" })}</div>
${roleFields(viewer, form.role, problems.role)}
${textArea({ name: "customers", label: words.customers, hint: words.customersHint, value: form.customers, problem: problems.customers, rows: 3 })}
<div class="actions"><button class="button" type="submit">${icon("mail")}${words.invite}</button></div>
</form>`;
}

function personRow(viewer: Viewer, user: User): Html {
  const words = peopleWords[viewer.language];
  return html`<tr><th scope="row"><a href="/personas/${user.id}"><bdi>${user.name}</bdi></a>${isSelf(viewer, user) && html` <span class="soft small">(${words.you})</span>`}<br><span class="small soft"><bdi>${user.email}</bdi></span></th><td data-label="${words.role}">${words.roles[user.role]}</td><td>${stateBadge(user, words)}</td></tr>`;
}

type Words = (typeof peopleWords)["es"];

function stateBadge({ isActive, joinedAt }: User, words: Words): Html {
  if (!isActive) return badge("calm", words.inactive);
  return joinedAt === null ? badge("wait", words.invited) : badge("good", words.active);
}

function roleFields({ language }: Viewer, role: Role, problem: string | undefined): Html {
  const words = peopleWords[language];
  const options = roles.map((value) => ({ value, text: `${words.roles[value]}: ${words.roleHints[value]}` }));
  return selectField({ name: "role", label: words.role, value: role, options, problem });
}

export type PersonPage = {
  readonly user: User;
  readonly role: Role;
  readonly customers: string;
  readonly problems: PeopleProblems;
  readonly isSaved: boolean;
  /** A link that was just made; `url` null: it was mailed. */
  readonly link: { readonly url: string | null } | undefined;
};

/** One person: what they may do, whether they may enter, and links for them. */
export function personBody(viewer: Viewer, page: PersonPage): Html {
  const words = peopleWords[viewer.language];
  const { user, role, customers, problems, isSaved } = page;
  const path = `/personas/${user.id}`;
  const [active, text] = user.isActive ? ["no", words.deactivate] : ["yes", words.activate];
  return html`${isSaved && note("good", words.saved)}
${linkNote(viewer, page)}
<form class="card stack" method="post" action="${path}" novalidate>
<div class="row between"><h2>${words.role}</h2>${stateBadge(user, words)}</div>
${csrfField(viewer)}
${roleFields(viewer, role, problems.role)}
${textArea({ name: "customers", label: words.customers, hint: words.customersHint, value: customers, problem: problems.customers, rows: 5 })}
<div class="actions"><button class="button" type="submit">${words.save}</button></div>
</form>
<section class="card stack"><h2>${words.links}</h2><div class="row">${linkKindsOf(user).map((kind) => html`<form method="post" action="${path}/enlaces">${csrfField(viewer)}<button class="button quiet" name="kind" value="${kind}" type="submit">${words.linkKinds[kind]}</button></form>`)}</div></section>
<form class="card row between" method="post" action="${path}/acceso"${user.isActive && html` data-confirm="${words.deactivateConfirm}"`}>
${csrfField(viewer)}<input type="hidden" name="active" value="${active}">
<div class="stack tight"><h2>${words.access}</h2><p class="soft small">${words.deactivateHint}</p></div>
<button class="button ${user.isActive ? "danger" : ""}" type="submit">${text}</button></form>
${!isSelf(viewer, user) && removeCard(viewer, path)}`;
}

/** Asked for twice: by opening it, and by its button. */
function removeCard(viewer: Viewer, path: string): Html {
  const words = peopleWords[viewer.language];
  return html`<details class="card"><summary>${words.remove}</summary><form class="stack" method="post" action="${path}/eliminar" data-confirm="${words.removeConfirm}">${csrfField(viewer)}<p class="soft">${words.removeHint}</p><div><button class="button danger" type="submit">${words.remove}</button></div></form></details>`;
}

function isSelf({ caller }: Viewer, { id }: User): boolean {
  return caller.kind === "user" && caller.userId === id;
}

function linkKindsOf({ joinedAt }: User) {
  return joinedAt === null ? (["invitation"] as const) : (["reset", "sign_in"] as const);
}

function linkNote({ language }: Viewer, { link, user }: PersonPage): Html | undefined {
  const words = peopleWords[language];
  if (link === undefined) return undefined;
  if (link.url === null) return note("good", words.linkMailed(user.email));
  return note(
    "good",
    html`<p>${words.linkReady}</p><div class="copy"><input id="one-time-link" readonly value="${link.url}" aria-label="${words.links}"><button class="button" type="button" data-copy="#one-time-link" data-copied="${words.copied}">${icon("copy")}<span data-label>${words.copy}</span></button></div>`,
  );
}
