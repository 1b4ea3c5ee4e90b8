import { pkces } from "../strategies/pkce.ts";
import type { AuthorizationResponse, GivenKey, ObtainedAccount } from "./account-client.ts";
import { toTokens } from "./account-tokens.ts";
import type { Values } from "./call-authentications.ts";
import { type Asked, type ClientParts, valuesOf } from "./client-parts.ts";
import type { AuthorizationCodeGrant, TokenResponseFields } from "./definition.ts";
import { isGranted } from "./granted-scopes.ts";
import { identifyAccount, type NewAccess } from "./identify-account.ts";
import { readPath, readText } from "./json-path.ts";
import { standardTokenResponse } from "./registry/presets.ts";
import { responseChecks } from "./response-checks.ts";
import { toTokenRequest } from "./token-request.ts";
import { readTokenResponse, type TokenResponse } from "./token-response.ts";

/** Exchanges a code for tokens, these for longer-lived ones where there are such, and asks whose account it is. */
export async function exchangeCode(
  parts: ClientParts,
  { query, codeVerifier, inputs, scopes }: AuthorizationResponse,
): Promise<ObtainedAccount> {
  const { grant } = parts.provider;
  if (grant.kind !== "authorization_code") return { kind: "invalid_response", check: "grant" };
  const { authorization } = grant;
  if (!responseChecks[authorization.responseCheck](query, parts.clientSecret))
    return { kind: "invalid_response", check: authorization.responseCheck };
  const code = query[authorization.codeParameter];
  if (code === undefined || code === "") return { kind: "invalid_response", check: "code" };
  const first = await requestTokens(parts, grant, { code: toCode(code), codeVerifier, inputs });
  const obtained = await exchangeOn(parts, grant, first, inputs);
  if (obtained.kind === "failed") return obtained;
  return complete(parts, obtained, { inputs, scopes });
}

/** Instagram's codes come with a fragment that some browsers keep. */
function toCode(code: string): string {
  return code.replace(/#_$/, "");
}

type Tokens = { readonly kind: "tokens"; readonly response: TokenResponse; readonly body: unknown };
type Failed = Extract<ObtainedAccount, { kind: "failed" }>;

/** RFC 6749, section 4.1.3; RFC 7636, section 4.5. */
async function requestTokens(
  parts: ClientParts,
  { token, authorization, tokenResponse }: AuthorizationCodeGrant,
  { code, codeVerifier, inputs }: { code: string; codeVerifier: string; inputs: Values },
): Promise<Tokens | Failed> {
  const request = toTokenRequest(token, {
    ...{ grant_type: "authorization_code", redirect_uri: "{redirect_uri}", [token.codeParameter]: "{code}" },
    ...pkces[authorization.pkce].verifier("{code_verifier}"),
    ...token.parameters,
  });
  const values = { ...inputs, code, code_verifier: codeVerifier, redirect_uri: parts.redirectUri };
  return toResult(await parts.ask(request, values, "exchange"), tokenResponse);
}

/** Each of the further exchanges takes the access token of the one before. What a later response doesn't say stays. */
async function exchangeOn(
  parts: ClientParts,
  { exchanges }: AuthorizationCodeGrant,
  first: Tokens | Failed,
  inputs: Values,
): Promise<Tokens | Failed> {
  let latest = first;
  for (const template of exchanges) {
    if (latest.kind === "failed") return latest;
    const { response, body } = latest;
    const values = valuesOf({ ...response, inputs });
    const next = toResult(await parts.ask(template, values, "exchange"), standardTokenResponse);
    if (next.kind === "failed") return next;
    const { scopes, facts, refreshToken } = next.response;
    const kept = { scopes: scopes ?? response.scopes, refreshToken: refreshToken ?? response.refreshToken };
    latest = {
      ...next,
      body,
      response: { ...next.response, ...kept, facts: { ...response.facts, ...facts } },
    };
  }
  return latest;
}

function toResult({ verdict, answer, cause }: Asked, fields: TokenResponseFields): Tokens | Failed {
  if (verdict.kind !== "ok") return { kind: "failed", failure: verdict, cause };
  const response = readTokenResponse(answer?.body, fields);
  if (response !== undefined) return { kind: "tokens", response, body: answer?.body };
  return { kind: "failed", failure: { kind: "transient", reason: "unreadable answer" } };
}

/** Takes a key as it is: a request with it proves it, where there is one. */
export async function acceptKey(
  parts: ClientParts,
  { secret, inputs, scopes }: GivenKey,
): Promise<ObtainedAccount> {
  const response: TokenResponse = {
    ...{ accessToken: secret, refreshToken: null, expiresInSeconds: null, refreshExpiresInSeconds: null },
    ...{ scopes: null, tokenType: null, facts: {} },
  };
  const { probe } = parts.provider;
  if (probe !== null) {
    const { verdict, cause } = await parts.ask(probe, valuesOf({ ...response, inputs }), "call");
    if (verdict.kind !== "ok") return { kind: "failed", failure: verdict, cause };
  }
  return complete(parts, { kind: "tokens", response, body: undefined }, { inputs, scopes });
}

/**
 * @returns null where nobody tells. Where an operator's own configuration stands in for the scopes, none were asked for
 * that could be missing.
 */
async function askGranted(
  parts: ClientParts,
  { tokens, inputs }: Pick<NewAccess, "tokens" | "inputs">,
): Promise<readonly string[] | Failed | null> {
  const { grant } = parts.provider;
  if (grant.kind !== "authorization_code" || grant.permissions === undefined) return null;
  const { insteadOfScope } = grant.authorization;
  if (insteadOfScope !== null && parts.values[insteadOfScope.setting]) return null;
  const { request, list, scope, state, granted } = grant.permissions;
  const { verdict, answer, cause } = await parts.ask(request, valuesOf({ ...tokens, inputs }), "call");
  if (verdict.kind !== "ok") return { kind: "failed", failure: verdict, cause };
  const entries = readPath(answer?.body, list);
  if (!Array.isArray(entries))
    return { kind: "failed", failure: { kind: "transient", reason: "unreadable answer" } };
  const given = entries.filter((entry) => readText(entry, state) === granted);
  return given.map((entry) => readText(entry, scope)).filter((name) => name !== undefined);
}

/** Asks whose account it is, and whether it may what was asked for. */
async function complete(
  parts: ClientParts,
  { response, body }: Tokens,
  { inputs, scopes }: { inputs: Values; scopes: readonly string[] },
): Promise<ObtainedAccount> {
  const { renewal } = parts.provider;
  const tokens = toTokens(response, renewal, parts.now());
  if (renewal.kind === "refresh_token" && renewal.isRequired && tokens.refreshToken === null)
    return { kind: "invalid_response", check: "refresh_token", tokens };
  // Asked first: without its scope the request that tells whose account it is would be refused.
  const granted = response.scopes ?? (await askGranted(parts, { tokens, inputs }));
  if (granted !== null && "failure" in granted) return { ...granted, tokens };
  const missing = granted === null ? [] : scopes.filter((scope) => !isGranted(scope, granted));
  if (missing.length > 0) return { kind: "scope_missing", missing, tokens };
  const found = await identifyAccount(parts, { tokens, body, inputs });
  if (found.kind !== "identified") return { ...found, tokens };
  const { account, facts } = found;
  const known = { ...tokens, facts: { ...tokens.facts, ...facts } };
  return { kind: "obtained", tokens: known, account, scopes: granted ?? scopes };
}
