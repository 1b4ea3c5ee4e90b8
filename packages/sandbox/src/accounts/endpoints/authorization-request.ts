import { type AuthorizationCodeGrant, splitScopes, type Values } from "@cita/providers/accounts";
import { isRegisteredRedirectUri, SANDBOX_CLIENT } from "../../clients.ts";
import { type RequestParams, single } from "../../request-params.ts";
import type { Incoming } from "../incoming.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import { PageRefusal } from "./page-refusal.ts";

type Authorization = AuthorizationCodeGrant["authorization"];

/** An authorization request that a person may be asked about. */
export type AuthorizationRequest = {
  readonly redirectUri: string;
  readonly state: string | undefined;
  /** Null: they are chosen in the app's settings. */
  readonly scopes: readonly string[] | null;
  readonly codeChallenge: string | undefined;
  /** What the URL named: a shop, a host to log in at. */
  readonly inputs: Values;
  readonly loginHint: string | undefined;
};

/** RFC 6749, section 4.1.1; RFC 7636, section 4.3. @throws PageRefusal */
export function readAuthorizationRequest(
  { lead }: ProviderGroup,
  authorization: Authorization,
  { query }: Incoming,
  urlValues: Values,
): AuthorizationRequest {
  const clientId = required(query, authorization.clientIdParameter);
  if (clientId !== SANDBOX_CLIENT.id) throw new PageRefusal(`There is no client ${clientId}.`);
  const redirectUri = required(query, "redirect_uri");
  if (!isRegisteredRedirectUri(redirectUri))
    throw new PageRefusal(`The client has not registered the redirect URI ${redirectUri}.`);
  const responseType = required(query, "response_type");
  if (responseType !== "code") throw new PageRefusal(`response_type can't be ${responseType}.`);
  const { loginHintParameter } = authorization;
  return {
    ...{ redirectUri, state: single(query, "state"), scopes: readScopes(authorization, query) },
    codeChallenge: challengeReaders[authorization.pkce](query),
    inputs: Object.fromEntries(
      Object.entries(urlValues).filter(([name]) => lead.inputs.some((input) => input.name === name)),
    ),
    loginHint: loginHintParameter === null ? undefined : single(query, loginHintParameter),
  };
}

function readScopes({ scopeParameter, insteadOfScope }: Authorization, query: RequestParams) {
  const instead = Object.keys(insteadOfScope?.parameters ?? {});
  const isReplaced = instead.length > 0 && instead.every((name) => single(query, name) !== undefined);
  return scopeParameter === null || isReplaced ? null : splitScopes(single(query, scopeParameter) ?? "");
}

const challengeReaders = {
  S256(query) {
    const method = required(query, "code_challenge_method");
    if (method !== "S256") throw new PageRefusal(`code_challenge_method can't be ${method}.`);
    const challenge = required(query, "code_challenge");
    if (!/^[\w-]{43}$/.test(challenge)) throw new PageRefusal("code_challenge isn't one of method S256.");
    return challenge;
  },
  none: () => undefined,
} satisfies Record<Authorization["pkce"], (query: RequestParams) => string | undefined>;

function required(query: RequestParams, name: string): string {
  const value = single(query, name);
  if (value === undefined) throw new PageRefusal(`The parameter ${name} is missing.`);
  return value;
}
