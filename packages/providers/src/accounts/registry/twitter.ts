import type { AccountProvider } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

/** @see https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code */
export const twitter: AccountProvider = {
  id: "twitter",
  name: "X",
  category: "social",
  accessPage: "x.com/settings/connected_apps",
  clientVariables: [{ id: "TWITTER_CLIENT_ID", secret: "TWITTER_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: ["users.read", "tweet.read", "offline.access"],
  capabilities: [
    { name: "social.publish", scopes: ["tweet.write", "media.write"], level: "connected" },
    { name: "analytics", scopes: [], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: { ...standardAuthorization, url: "https://x.com/i/oauth2/authorize", pkce: "S256" },
    token: { ...standardToken, url: "https://api.x.com/2/oauth2/token", clientAuthentication: "basic" },
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    source: "request",
    request: { method: "GET", url: "https://api.x.com/2/users/me", authentication: "bearer" },
    ...{ id: ["data.id"], name: ["data.username"], email: [], withoutId: null },
  },
  renewal: {
    ...{ kind: "refresh_token", rotation: "strict", isRequired: true, parameters: {} },
    ...{ accessLifetimeSeconds: null, idleLimitDays: 180 },
  },
  // Every read is charged: the renewal, each two hours where it is used and each two months elsewhere, tells as much.
  probe: null,
  revocation: {
    request: {
      ...{ method: "POST", url: "https://api.x.com/2/oauth2/revoke", authentication: "client_basic" },
      body: { form: { token: "{renewing_token}", token_type_hint: "refresh_token" } },
    },
    effect: "token",
  },
  dialect: "described",
  limits: { requestsPerMinute: 60 },
};
