import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const ownUser: RequestTemplate = {
  ...{ method: "GET", url: "https://discord.com/api/v10/users/@me", authentication: "bearer" },
};

/** @see https://discord.com/developers/docs/topics/oauth2 */
export const discord: AccountProvider = {
  id: "discord",
  name: "Discord",
  category: "messages",
  accessPage: "discord.com/channels/@me",
  clientVariables: [{ id: "DISCORD_CLIENT_ID", secret: "DISCORD_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: ["identify"],
  capabilities: [{ name: "notify", scopes: ["webhook.incoming"], level: "connected" }],
  grant: {
    kind: "authorization_code",
    authorization: { ...standardAuthorization, url: "https://discord.com/oauth2/authorize" },
    token: { ...standardToken, url: "https://discord.com/api/oauth2/token", clientAuthentication: "basic" },
    tokenResponse: { ...standardTokenResponse, facts: { guild: "guild.id" } },
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{ source: "request", request: ownUser, id: ["id"], name: ["username"], email: [], withoutId: null },
  },
  renewal: {
    ...{ kind: "refresh_token", rotation: "strict", isRequired: true, parameters: {} },
    ...{ accessLifetimeSeconds: null, idleLimitDays: null },
  },
  probe: ownUser,
  revocation: {
    request: {
      ...{
        method: "POST",
        url: "https://discord.com/api/oauth2/token/revoke",
        authentication: "client_basic",
      },
      body: { form: { token: "{renewing_token}" } },
    },
    effect: "grant",
  },
  dialect: "rfc6749",
  limits: { requestsPerMinute: 300 },
};
