import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const api = "https://business-api.tiktok.com/open_api/v1.3";

const advertisers: RequestTemplate = {
  ...{ method: "GET", url: `${api}/oauth2/advertiser/get/`, authentication: "tiktok_ads_header" },
  query: { app_id: "{client_id}", secret: "{client_secret}" },
};

/** Scopes are chosen in the app's settings. @see https://business-api.tiktok.com/portal/docs?id=1738373164380162 */
export const tiktokAds: AccountProvider = {
  id: "tiktok-ads",
  name: "TikTok Ads",
  category: "marketing",
  accessPage: "business.tiktok.com",
  clientVariables: [{ id: "TIKTOK_ADS_CLIENT_ID", secret: "TIKTOK_ADS_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: [],
  capabilities: [
    { name: "campaigns", scopes: [], level: "connected" },
    { name: "analytics", scopes: [], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...standardAuthorization,
      url: "https://business-api.tiktok.com/portal/auth",
      ...{ clientIdParameter: "app_id", scopeParameter: null, codeParameter: "auth_code" },
    },
    token: {
      ...standardToken,
      ...{ url: `${api}/oauth2/access_token/`, encoding: "json", codeParameter: "auth_code" },
      ...{ clientIdParameter: "app_id", clientSecretParameter: "secret" },
    },
    tokenResponse: {
      ...standardTokenResponse,
      ...{
        accessToken: "data.access_token",
        refreshToken: "data.refresh_token",
        expiresIn: "data.expires_in",
      },
      // Numbers, not names.
      scope: "data.scope_names",
    },
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{ source: "request", request: advertisers, id: ["data.list[0].advertiser_id"], email: [] },
    name: ["data.list[0].advertiser_name"],
    withoutId: "The TikTok account has no advertiser that it may manage. Choose one in the consent.",
  },
  renewal: { kind: "none", accessLifetimeSeconds: null },
  probe: advertisers,
  revocation: {
    request: {
      ...{ method: "POST", url: `${api}/oauth2/revoke_token/`, authentication: "none" },
      body: { json: { app_id: "{client_id}", secret: "{client_secret}", access_token: "{access_token}" } },
    },
    effect: "token",
  },
  dialect: "tiktok_business",
  limits: { requestsPerMinute: 300 },
};
