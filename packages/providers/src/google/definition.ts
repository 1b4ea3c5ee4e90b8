/**
 * Google as a provider of accounts: its definition (here), what its responses mean (`classify-answer.ts`), and why a grant
 * has probably ended (`explain-loss.ts`). The Calendar API is called by apps/mcp-calendar (`calendars/google/`).
 */

import type { ProviderDefinition } from "../definition.ts";

/** @see https://developers.google.com/identity/protocols/oauth2/web-server */
export const google: ProviderDefinition = {
  id: "google",
  name: "Google",
  accessPage: "myaccount.google.com/permissions",
  endpoints: {
    authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenUrl: "https://oauth2.googleapis.com/token",
    revocationUrl: "https://oauth2.googleapis.com/revoke",
  },
  endpointVariables: {
    authorizationUrl: "GOOGLE_AUTHORIZATION_URL",
    tokenUrl: "GOOGLE_TOKEN_URL",
    revocationUrl: "GOOGLE_REVOCATION_URL",
  },
  clientVariables: [{ id: "GOOGLE_CLIENT_ID", secret: "GOOGLE_CLIENT_SECRET" }],
  callbackPath: "/oauth/callback",
  // https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
  issuers: ["https://accounts.google.com", "accounts.google.com"],
  // `openid email` give the id_token, which identifies the account.
  scopes: ["openid", "email", "https://www.googleapis.com/auth/calendar.events"],
  scopesVariable: "GOOGLE_SCOPES",
  requiredScopePart: "/auth/calendar",
  scopeSeparator: " ",
  // Without both, a second consent gives no refresh token.
  authorizationParameters: { access_type: "offline", prompt: "consent" },
  loginHintParameter: "login_hint",
  stateLifetimeMs: 3_600_000,
  // https://developers.google.com/identity/protocols/oauth2#expiration
  idleLimitDays: 180,
  pkce: "S256",
  clientAuthentication: "body",
  identity: "id_token",
  renewal: "refresh_token",
  revocation: "token_alone",
  dialect: "google",
};

/** The root of Google's APIs, unless the configuration names another. */
export const googleApiUrl = "https://www.googleapis.com";
