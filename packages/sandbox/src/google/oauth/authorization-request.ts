import { isRegisteredRedirectUri, SANDBOX_CLIENT } from "../../clients.ts";
import { type RequestParams, single } from "../../request-params.ts";
import type { CodeBinding } from "./grant-records.ts";
import { canonicalScope, isKnownScope } from "./scopes.ts";

/** An authorization request that Google would show a consent page for. */
export type AuthorizationRequest = {
  clientId: string;
  redirectUri: string;
  /** Canonical names, in the order asked. */
  scopes: string[];
  state: string | undefined;
  challenge: CodeBinding["challenge"];
  offline: boolean;
  prompts: ReadonlySet<string>;
  loginHint: string | undefined;
  includeGrantedScopes: boolean;
  nonce: string | undefined;
};

/** A request refused with a page of Google's own, never with a redirect. */
export class AuthorizationRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "AuthorizationRefusal";
    this.status = status;
    this.code = code;
  }
}

/** The parameters that ride in the pages' hidden fields from the request to its answer. */
export const REQUEST_PARAMETERS = [
  "client_id",
  "redirect_uri",
  "response_type",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "access_type",
  "prompt",
  "login_hint",
  "include_granted_scopes",
  "nonce",
] as const;

const IN_APP_BROWSER = /; wv\)|FBAN|FBAV|Instagram|WhatsApp/;

/**
 * Checks an authorization request. Throws an AuthorizationRefusal in Google's words.
 * https://developers.google.com/identity/protocols/oauth2/web-server#creatingclient
 */
export function readAuthorizationRequest(
  params: RequestParams,
  userAgent: string | undefined,
): AuthorizationRequest {
  if (IN_APP_BROWSER.test(userAgent ?? "")) {
    throw new AuthorizationRefusal(
      403,
      "disallowed_useragent",
      "Google sign-in does not work inside another app's browser. Open the page in Chrome or Safari.",
    );
  }
  refuseRepeated(params);
  const clientId = required(params, "client_id");
  if (clientId !== SANDBOX_CLIENT.id) {
    throw new AuthorizationRefusal(401, "invalid_client", "The OAuth client was not found.");
  }
  const redirectUri = required(params, "redirect_uri");
  if (!isRegisteredRedirectUri(redirectUri)) {
    throw new AuthorizationRefusal(
      400,
      "redirect_uri_mismatch",
      `The redirect URI in the request, ${redirectUri}, does not match the ones authorized for the OAuth client.`,
    );
  }
  const responseType = required(params, "response_type");
  if (responseType !== "code") throw badRequest(`Invalid response_type: ${responseType}`);
  return {
    clientId,
    redirectUri,
    scopes: readScopes(required(params, "scope")),
    state: single(params, "state"),
    challenge: readChallenge(params),
    offline: readAccessType(params) === "offline",
    prompts: readPrompts(params),
    loginHint: single(params, "login_hint"),
    includeGrantedScopes: single(params, "include_granted_scopes") === "true",
    nonce: single(params, "nonce"),
  };
}

function refuseRepeated(params: RequestParams): void {
  const repeated = REQUEST_PARAMETERS.find((name) => Array.isArray(params[name]));
  if (repeated) throw badRequest(`OAuth 2 parameters can only have a single value: ${repeated}`);
}

function required(params: RequestParams, name: string): string {
  const value = single(params, name);
  if (value === undefined) throw badRequest(`Missing required parameter: ${name}`);
  return value;
}

function readScopes(text: string): string[] {
  const asked = text.split(" ").filter((scope) => scope !== "");
  const unknown = asked.filter((scope) => !isKnownScope(scope));
  if (unknown.length > 0 || asked.length === 0) {
    const message = `Some requested scopes were invalid. {invalid=[${unknown.join(", ")}]}`;
    throw new AuthorizationRefusal(400, "invalid_scope", message);
  }
  return [...new Set(asked.map(canonicalScope))];
}

/** Google lets web clients leave PKCE out; the sandbox doesn't, so that ours can't forget it. */
function readChallenge(params: RequestParams): CodeBinding["challenge"] {
  const value = single(params, "code_challenge");
  if (value === undefined) throw badRequest("Code challenge is required");
  const method = single(params, "code_challenge_method") ?? "plain";
  if (method !== "S256" && method !== "plain") throw badRequest(`Invalid code_challenge_method: ${method}`);
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(value)) throw badRequest("Invalid code challenge.");
  return { method, value };
}

function readAccessType(params: RequestParams): "online" | "offline" {
  const type = single(params, "access_type") ?? "online";
  if (type !== "online" && type !== "offline") throw badRequest(`Invalid access_type: ${type}`);
  return type;
}

function readPrompts(params: RequestParams): ReadonlySet<string> {
  const prompts = new Set(single(params, "prompt")?.split(" ") ?? []);
  for (const prompt of prompts) {
    if (!["none", "consent", "select_account"].includes(prompt))
      throw badRequest(`Invalid prompt: ${prompt}`);
  }
  if (prompts.has("none") && prompts.size > 1) throw badRequest("Invalid prompt: none excludes others");
  return prompts;
}

function badRequest(message: string): AuthorizationRefusal {
  return new AuthorizationRefusal(400, "invalid_request", message);
}
