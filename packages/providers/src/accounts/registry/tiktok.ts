import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const ownUser: RequestTemplate = {
  ...{ method: "GET", url: "https://open.tiktokapis.com/v2/user/info/", authentication: "bearer" },
  query: { fields: "open_id,union_id,display_name" },
};

/** @see https://developers.tiktok.com/doc/oauth-user-access-token-management */
export const tiktok: AccountProvider = {
  id: "tiktok",
  name: "TikTok",
  category: "social",
  accessPage: "www.tiktok.com/setting",
  clientVariables: [{ id: "TIKTOK_CLIENT_ID", secret: "TIKTOK_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: ["user.info.basic"],
  capabilities: [
    { name: "social.publish", scopes: ["video.publish", "video.upload"], level: "connected" },
    { name: "analytics", scopes: ["video.list"], level: "connected" },
    { name: "comments", scopes: [], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...standardAuthorization,
      url: "https://www.tiktok.com/v2/auth/authorize/",
      ...{ clientIdParameter: "client_key", scopeSeparator: "," },
    },
    token: {
      ...{
        ...standardToken,
        url: "https://open.tiktokapis.com/v2/oauth/token/",
        clientIdParameter: "client_key",
      },
    },
    tokenResponse: { ...standardTokenResponse, refreshExpiresIn: "refresh_expires_in" },
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{ source: "request", request: ownUser, id: ["data.user.open_id"], name: ["data.user.display_name"] },
    ...{ email: [], withoutId: null },
  },
  renewal: {
    ...{ kind: "refresh_token", rotation: "strict", isRequired: true, parameters: {} },
    ...{ accessLifetimeSeconds: null, idleLimitDays: 180 },
  },
  probe: ownUser,
  revocation: {
    request: {
      ...{ method: "POST", url: "https://open.tiktokapis.com/v2/oauth/revoke/", authentication: "none" },
      body: {
        form: { client_key: "{client_id}", client_secret: "{client_secret}", token: "{access_token}" },
      },
    },
    effect: "grant",
  },
  dialect: "tiktok_v2",
  limits: { requestsPerMinute: 300 },
};
