import { type Html, html } from "@cita/http/html";
import { sandboxPage } from "../../page.ts";
import type { Answer } from "../answer.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import type { PageRefusal } from "./page-refusal.ts";

type ConsentForm = {
  /** The account that is filled in. */
  readonly account: string;
  /** Null: there is nothing to tick. */
  readonly scopes: readonly string[] | null;
  /** Whom the access is for. */
  readonly operator: string;
};

/** Asks for an account, its scopes and its consent. The form goes back to the page's own URL. */
export function consentPage(group: ProviderGroup, { account, scopes, operator }: ConsentForm): Answer {
  // The empty one says that all others were unticked.
  const boxes =
    scopes === null || scopes.length === 0
      ? ""
      : html`<fieldset><legend>${operator} may</legend>
      <input type="hidden" name="scope" value="">${scopes.map(scopeBox)}</fieldset>`;
  const main = html`<h1>${operator} wants access to an account of ${namesOf(group)}</h1>
    <form method="post">
      <label for="account">Account (an e-mail address or any id)</label>
      <input type="text" id="account" name="account" required autocomplete="username" value="${account}">
      ${boxes}
      <button name="action" value="allow">Allow</button>
      <button name="action" value="deny">Deny</button>
    </form>`;
  return { kind: "page", status: 200, html: sandboxPage(namesOf(group), "Allow access", main) };
}

export function refusalPage(group: ProviderGroup, { status, message }: PageRefusal): Answer {
  const main = html`<h1>This request can't be answered</h1><p>${message}</p>`;
  return { kind: "page", status, html: sandboxPage(namesOf(group), "Refused", main) };
}

function scopeBox(scope: string): Html {
  return html`<label class="scope"><input type="checkbox" name="scope" value="${scope}" checked> <span>${scope}</span></label>
`;
}

function namesOf({ members }: ProviderGroup): string {
  return members.map(({ name }) => name).join(", ");
}
