import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const userinfo: RequestTemplate = {
  ...{ method: "GET", url: "https://api.linkedin.com/v2/userinfo", authentication: "bearer" },
};

/** @see https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow */
export const linkedin: AccountProvider = {
  id: "linkedin",
  name: "LinkedIn",
  category: "social",
  accessPage: "www.linkedin.com/mypreferences/d/data-sharing-for-permitted-services",
  clientVariables: [{ id: "LINKEDIN_CLIENT_ID", secret: "LINKEDIN_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: ["openid", "profile", "email"],
  capabilities: [
    { name: "social.publish", scopes: ["w_member_social"], level: "connected" },
    { name: "analytics", scopes: [], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: { ...standardAuthorization, url: "https://www.linkedin.com/oauth/v2/authorization" },
    token: { ...standardToken, url: "https://www.linkedin.com/oauth/v2/accessToken" },
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{
      source: "request",
      request: userinfo,
      id: ["sub"],
      name: ["name"],
      email: ["email"],
      withoutId: null,
    },
  },
  renewal: {
    // Only approved marketing partners get refresh tokens, for a year from the consent; all others consent again.
    ...{ kind: "refresh_token", rotation: "no", isRequired: false, parameters: {} },
    ...{ accessLifetimeSeconds: 5_184_000, idleLimitDays: null },
  },
  probe: userinfo,
  revocation: {
    request: {
      ...{ method: "POST", url: "https://www.linkedin.com/oauth/v2/revoke", authentication: "client_fields" },
      body: { form: { token: "{access_token}" } },
    },
    effect: "token",
  },
  dialect: "described",
  limits: { requestsPerMinute: 60 },
};
