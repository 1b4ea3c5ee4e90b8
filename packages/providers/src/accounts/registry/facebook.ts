import type { AccountProvider, AuthorizationCodeGrant, RequestTemplate } from "../definition.ts";
import { graphVersion, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const graph = "https://graph.facebook.com/{graph_version}";

/** https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived */
const toLongLived: RequestTemplate = {
  ...{ method: "GET", url: `${graph}/oauth/access_token`, authentication: "none" },
  query: {
    grant_type: "fb_exchange_token",
    ...{ client_id: "{client_id}", client_secret: "{client_secret}", fb_exchange_token: "{access_token}" },
  },
};

export const metaGrant: AuthorizationCodeGrant = {
  kind: "authorization_code",
  authorization: {
    ...standardAuthorization,
    url: "https://www.facebook.com/{graph_version}/dialog/oauth",
    scopeSeparator: ",",
    // https://developers.facebook.com/docs/facebook-login/facebook-login-for-business
    insteadOfScope: {
      setting: "login_config_id",
      parameters: { config_id: "{login_config_id}", override_default_response_type: "true" },
    },
  },
  token: { ...standardToken, url: `${graph}/oauth/access_token`, method: "GET", encoding: "query" },
  tokenResponse: standardTokenResponse,
  exchanges: [toLongLived],
  // People may untick permissions. https://developers.facebook.com/docs/facebook-login/guides/permissions/request-revoke
  permissions: {
    request: { method: "GET", url: `${graph}/me/permissions`, authentication: "meta_proof" },
    ...{ list: "data", scope: "permission", state: "status", granted: "granted" },
  },
  stateLifetimeMs: 300_000,
};

/** What Facebook's two have in common: one app, one grant. */
export const metaAccount: Omit<
  AccountProvider,
  "id" | "name" | "category" | "clientVariables" | "identityScopes" | "capabilities"
> = {
  accessPage: "www.facebook.com/settings?tab=business_tools",
  settings: [graphVersion, { name: "login_config_id", variable: "META_LOGIN_CONFIG_ID", preset: "" }],
  inputs: [],
  grant: metaGrant,
  identity: {
    source: "request",
    request: {
      method: "GET",
      url: `${graph}/me`,
      authentication: "meta_proof",
      query: { fields: "id,name" },
    },
    ...{ id: ["id"], name: ["name"], email: [], withoutId: null },
  },
  renewal: {
    ...{ kind: "exchange_access_token", request: toLongLived },
    ...{ accessLifetimeSeconds: 5_184_000, minimumAgeSeconds: 86_400 },
  },
  probe: { method: "GET", url: `${graph}/me`, authentication: "meta_proof", query: { fields: "id" } },
  revocation: {
    request: { method: "DELETE", url: `${graph}/me/permissions`, authentication: "meta_proof" },
    effect: "grant",
  },
  dialect: "meta",
  limits: { requestsPerMinute: 120 },
};

/** @see https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow */
export const facebook: AccountProvider = {
  id: "facebook",
  name: "Facebook Pages",
  category: "social",
  clientVariables: [
    { id: "FACEBOOK_CLIENT_ID", secret: "FACEBOOK_CLIENT_SECRET" },
    { id: "META_APP_ID", secret: "META_APP_SECRET" },
  ],
  ...metaAccount,
  identityScopes: ["public_profile"],
  capabilities: [
    {
      name: "social.publish",
      scopes: ["pages_show_list", "pages_read_engagement", "pages_manage_posts"],
      level: "connected",
    },
    { name: "analytics", scopes: ["read_insights"], level: "connected" },
  ],
};
