import type {
  AccountInput,
  AccountRenewal,
  AccountRevocation,
  AppSetting,
  AuthorizationCodeGrant,
  TokenResponseFields,
} from "../definition.ts";

/** RFC 6749, section 4.1.1. */
export const standardAuthorization: Omit<AuthorizationCodeGrant["authorization"], "url"> = {
  ...{ clientIdParameter: "client_id", scopeParameter: "scope", scopeSeparator: " ", parameters: {} },
  ...{ pkce: "none", loginHintParameter: null, codeParameter: "code", responseCheck: "none" },
  insteadOfScope: null,
};

/** RFC 6749, section 4.1.3. */
export const standardToken: Omit<AuthorizationCodeGrant["token"], "url"> = {
  ...{ method: "POST", encoding: "form", clientAuthentication: "fields" },
  ...{ clientIdParameter: "client_id", clientSecretParameter: "client_secret", codeParameter: "code" },
  parameters: {},
};

/** RFC 6749, section 5.1, with the usual name for how long a refresh token lives. */
export const standardTokenResponse: TokenResponseFields = {
  ...{ accessToken: "access_token", refreshToken: "refresh_token", expiresIn: "expires_in" },
  ...{ refreshExpiresIn: "refresh_token_expires_in", scope: "scope", tokenType: "token_type" },
  facts: {},
};

export const hourMs = 3_600_000;

/** https://developers.google.com/identity/protocols/oauth2/web-server */
export const googleAuthorization: AuthorizationCodeGrant["authorization"] = {
  ...standardAuthorization,
  url: "https://accounts.google.com/o/oauth2/v2/auth",
  // Without both, a second consent gives no refresh token.
  parameters: { access_type: "offline", prompt: "consent" },
  ...{ pkce: "S256", loginHintParameter: "login_hint" },
};

export const googleToken = { ...standardToken, url: "https://oauth2.googleapis.com/token" };
export const googleIssuers = ["https://accounts.google.com", "accounts.google.com"];

/** https://developers.google.com/identity/protocols/oauth2#expiration */
export const googleRenewal: AccountRenewal = {
  ...{ kind: "refresh_token", rotation: "no", isRequired: true, parameters: {} },
  ...{ accessLifetimeSeconds: null, idleLimitDays: 180 },
};

/** It ends every grant of the account to the project, of the calendar's too. */
export const googleRevocation: AccountRevocation = {
  request: {
    ...{ method: "POST", url: "https://oauth2.googleapis.com/revoke", authentication: "none" },
    body: { form: { token: "{renewing_token}" } },
  },
  effect: "grant",
  endsCalendarsOf: "google",
};

/** A version ends some two years after its release; an expired one is upgraded silently or refused. */
export const graphVersion: AppSetting = {
  ...{ name: "graph_version", variable: "META_GRAPH_API_VERSION", preset: "v26.0" },
};

/** A host that a customer names, for requests that pass the guarded client. */
export function hostInput(
  input: Pick<AccountInput, "name" | "pattern" | "expected" | "example" | "preset">,
): AccountInput {
  return { ...input, isHost: true, isSecret: false };
}

export function secretInput(
  input: Pick<AccountInput, "name" | "pattern" | "expected" | "example">,
): AccountInput {
  return { ...input, preset: null, isHost: false, isSecret: true };
}
