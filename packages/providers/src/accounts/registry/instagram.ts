import type { AccountProvider } from "../definition.ts";
import { graphVersion, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const graph = "https://graph.instagram.com";

/** @see https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login */
export const instagram: AccountProvider = {
  id: "instagram",
  name: "Instagram",
  category: "social",
  accessPage: "www.instagram.com/accounts/manage_access",
  clientVariables: [{ id: "INSTAGRAM_CLIENT_ID", secret: "INSTAGRAM_CLIENT_SECRET" }],
  settings: [graphVersion],
  inputs: [],
  identityScopes: ["instagram_business_basic"],
  capabilities: [
    { name: "social.publish", scopes: ["instagram_business_content_publish"], level: "connected" },
    { name: "stories", scopes: ["instagram_business_content_publish"], level: "connected" },
    { name: "analytics", scopes: ["instagram_business_manage_insights"], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...{ ...standardAuthorization, url: "https://www.instagram.com/oauth/authorize", scopeSeparator: "," },
    },
    token: { ...standardToken, url: "https://api.instagram.com/oauth/access_token" },
    tokenResponse: { ...standardTokenResponse, scope: "permissions" },
    exchanges: [
      {
        ...{ method: "GET", url: `${graph}/access_token`, authentication: "none" },
        query: {
          grant_type: "ig_exchange_token",
          ...{ client_secret: "{client_secret}", access_token: "{access_token}" },
        },
      },
    ],
    stateLifetimeMs: 300_000,
  },
  identity: {
    source: "request",
    request: {
      ...{ method: "GET", url: `${graph}/{graph_version}/me`, authentication: "bearer" },
      query: { fields: "user_id,username,account_type" },
    },
    ...{ id: ["user_id"], name: ["username"], email: [], withoutId: null },
  },
  renewal: {
    kind: "exchange_access_token",
    request: {
      ...{ method: "GET", url: `${graph}/refresh_access_token`, authentication: "none" },
      query: { grant_type: "ig_refresh_token", access_token: "{access_token}" },
    },
    ...{ accessLifetimeSeconds: 5_184_000, minimumAgeSeconds: 86_400 },
  },
  probe: {
    ...{ method: "GET", url: `${graph}/{graph_version}/me`, authentication: "bearer" },
    query: { fields: "user_id" },
  },
  revocation: null,
  dialect: "meta",
  limits: { requestsPerMinute: 120 },
};
