import { type Html, html } from "@cita/http/html";
import { sandboxPage } from "../../page.ts";
import { type RequestParams, single } from "../../request-params.ts";
import {
  type AuthorizationRefusal,
  type AuthorizationRequest,
  REQUEST_PARAMETERS,
} from "./authorization-request.ts";
import { describeScope, isIdentityScope } from "./scopes.ts";

/** Where both pages' forms go. */
export const AUTHORIZATION_PATH = "/o/oauth2/v2/auth";

/** Asks which account to go on with: one button for each known account, and a field for any other. */
export function chooserPage(
  params: RequestParams,
  emails: string[],
  preselected: string | undefined,
): string {
  const buttons = emails.map((email) => {
    const focus = email === preselected ? html` autofocus` : "";
    return html`<li><button name="account" value="${email}"${focus}>${email}</button></li>
`;
  });
  const isTyped = preselected !== undefined && preselected !== "" && !emails.includes(preselected);
  const known = html`<form method="get" action="${AUTHORIZATION_PATH}">${hiddenFields(params)}<ul style="list-style:none;padding:0">${buttons}</ul></form>`;
  return page(
    "Choose an account",
    html`<h1>Choose an account</h1>
    <p>to continue to <strong>Cita</strong></p>
    ${buttons.length > 0 ? known : ""}
    <form method="get" action="${AUTHORIZATION_PATH}">
      ${hiddenFields(params)}
      <label for="account">${buttons.length > 0 ? "Or use another account" : "Email"}</label>
      <input type="email" id="account" name="account" required autocomplete="username"${isTyped ? html` value="${preselected}"` : ""}>
      <button>Next</button>
    </form>`,
  );
}

/** Asks one account for its consent: a checkbox for each scope that isn't sign-in, Allow and Deny. */
export function consentPage(params: RequestParams, request: AuthorizationRequest, account: string): string {
  const identity = request.scopes.filter(isIdentityScope);
  const others = request.scopes.filter((scope) => !isIdentityScope(scope));
  const switchAccount = new URLSearchParams(
    requestParameters(params).filter(([name]) => name !== "login_hint"),
  ).toString();
  const granted = identity.map((scope) => html`<li>${describeScope(scope)}</li>`);
  return page(
    "Allow access",
    html`<h1>Cita wants access to your Google Account</h1>
    <p>Signed in as <strong>${account}</strong>.
      <a href="${AUTHORIZATION_PATH}?${switchAccount}">Use another account</a></p>
    <form method="post" action="${AUTHORIZATION_PATH}">
      ${hiddenFields(params)}
      <input type="hidden" name="account" value="${account}">
      ${granted.length > 0 ? html`<p>It will be able to:</p><ul>${granted}</ul>` : ""}
      ${others.length > 0 ? html`<fieldset><legend>Select what Cita can access</legend>${others.map(scopeBox)}</fieldset>` : ""}
      <button name="action" value="allow">Allow</button>
      <button name="action" value="deny">Deny</button>
    </form>`,
  );
}

function scopeBox(scope: string): Html {
  return html`<label class="scope"><input type="checkbox" name="granted" value="${scope}" checked> <span>${describeScope(scope)}</span></label>
`;
}

/** Google's "Access blocked" page: the only answer to a request that can't be trusted with a redirect. */
export function refusalPage({ status, code, message }: AuthorizationRefusal): string {
  return page(
    `Error ${status}`,
    html`<h1>Access blocked</h1><p>${message}</p><p><strong>Error ${String(status)}: ${code}</strong></p>`,
  );
}

const page = (title: string, main: Html) => sandboxPage("Google", title, main);

function hiddenFields(params: RequestParams): Html[] {
  return requestParameters(params).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">
`,
  );
}

function requestParameters(params: RequestParams): [string, string][] {
  return REQUEST_PARAMETERS.flatMap((name) => {
    const value = single(params, name);
    return value === undefined ? [] : [[name, value] satisfies [string, string]];
  });
}
