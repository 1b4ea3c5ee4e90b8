import type { AccountProvider } from "../definition.ts";
import {
  googleAuthorization,
  googleIssuers,
  googleRenewal,
  googleRevocation,
  googleToken,
  hourMs,
  standardTokenResponse,
} from "./presets.ts";

/** A grant of its own: with a Gmail scope in it, a changed password ends every refresh token of the grant. */
export const gmail: AccountProvider = {
  id: "gmail",
  name: "Gmail",
  category: "mail",
  accessPage: "myaccount.google.com/permissions",
  clientVariables: [
    { id: "GMAIL_CLIENT_ID", secret: "GMAIL_CLIENT_SECRET" },
    { id: "GOOGLE_CLIENT_ID", secret: "GOOGLE_CLIENT_SECRET" },
  ],
  settings: [],
  inputs: [],
  identityScopes: ["openid", "email"],
  capabilities: [
    { name: "email.send", scopes: ["https://www.googleapis.com/auth/gmail.send"], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: googleAuthorization,
    token: googleToken,
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  // gmail.send alone opens no profile.
  identity: { source: "id_token", issuers: googleIssuers, id: ["sub"], name: ["email"], email: ["email"] },
  renewal: googleRenewal,
  probe: {
    ...{ method: "GET", url: "https://openidconnect.googleapis.com/v1/userinfo", authentication: "bearer" },
  },
  revocation: googleRevocation,
  dialect: "google",
  limits: { requestsPerMinute: 600 },
};
