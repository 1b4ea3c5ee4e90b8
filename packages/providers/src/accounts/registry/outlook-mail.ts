import type { AccountProvider } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const scopes = ["openid", "profile", "email", "offline_access", "User.Read"];

/** @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow */
export const outlookMail: AccountProvider = {
  id: "outlook-mail",
  name: "Outlook mail",
  category: "mail",
  accessPage: "myapps.microsoft.com",
  clientVariables: [
    { id: "OUTLOOK_MAIL_CLIENT_ID", secret: "OUTLOOK_MAIL_CLIENT_SECRET" },
    { id: "MICROSOFT_CLIENT_ID", secret: "MICROSOFT_CLIENT_SECRET" },
  ],
  settings: [{ name: "tenant", variable: "MICROSOFT_TENANT", preset: "common" }],
  inputs: [],
  identityScopes: scopes,
  capabilities: [{ name: "email.send", scopes: ["Mail.Send"], level: "connected" }],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...standardAuthorization,
      url: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
      parameters: { response_mode: "query", prompt: "select_account" },
      ...{ pkce: "S256", loginHintParameter: "login_hint" },
    },
    token: { ...standardToken, url: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token" },
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    source: "id_token",
    issuers: [/^https:\/\/login\.microsoftonline\.com\/[0-9a-f-]{36}\/v2\.0$/],
    // An address may change hands, and may be missing.
    ...{ id: ["tid", "oid"], name: ["preferred_username", "name"], email: ["email", "preferred_username"] },
  },
  renewal: {
    ...{ kind: "refresh_token", rotation: "kept", isRequired: true, accessLifetimeSeconds: null },
    ...{ parameters: {}, idleLimitDays: 90 },
  },
  probe: { method: "GET", url: "https://graph.microsoft.com/v1.0/me", authentication: "bearer" },
  // There is none: revokeSignInSessions would end every app's sessions.
  revocation: null,
  dialect: "microsoft",
  limits: { requestsPerMinute: 600 },
};
