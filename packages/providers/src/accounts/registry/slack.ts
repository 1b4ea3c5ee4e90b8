import type { AccountProvider } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

/** @see https://docs.slack.dev/authentication/installing-with-oauth */
export const slack: AccountProvider = {
  id: "slack",
  name: "Slack",
  category: "messages",
  accessPage: null,
  clientVariables: [{ id: "SLACK_CLIENT_ID", secret: "SLACK_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: [],
  capabilities: [
    { name: "notify", scopes: ["chat:write", "incoming-webhook"], level: "connected" },
    { name: "commands", scopes: ["commands"], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    // PKCE would make the app a public client for good, whose refresh tokens end after 30 days.
    authorization: {
      ...standardAuthorization,
      url: "https://slack.com/oauth/v2/authorize",
      scopeSeparator: ",",
    },
    token: { ...standardToken, url: "https://slack.com/api/oauth.v2.access", clientAuthentication: "basic" },
    tokenResponse: { ...standardTokenResponse, facts: { slack_team: "team.id" } },
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: { source: "token_response", id: ["team.id"], name: ["team.name"], email: [] },
  renewal: {
    // Only where the app has token rotation on, which can't be switched off again.
    ...{ kind: "refresh_token", rotation: "strict", isRequired: false, parameters: {} },
    ...{ accessLifetimeSeconds: null, idleLimitDays: null },
  },
  probe: { method: "POST", url: "https://slack.com/api/auth.test", authentication: "bearer" },
  revocation: {
    request: { method: "POST", url: "https://slack.com/api/auth.revoke", authentication: "bearer" },
    // A workspace has one bot token, however often the app is installed there.
    effect: "grant",
  },
  dialect: "slack",
  limits: { requestsPerMinute: 300 },
};
