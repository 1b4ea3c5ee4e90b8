import type { AccountProvider, RequestTemplate } from "../definition.ts";
import {
  googleAuthorization,
  googleRenewal,
  googleRevocation,
  googleToken,
  hourMs,
  standardTokenResponse,
} from "./presets.ts";

const accessibleCustomers: RequestTemplate = {
  method: "GET",
  url: "https://googleads.googleapis.com/{ads_version}/customers:listAccessibleCustomers",
  authentication: "bearer",
  headers: { "developer-token": "{developer_token}" },
};

/** @see https://developers.google.com/google-ads/api/docs/oauth/overview */
export const googleAds: AccountProvider = {
  id: "google-ads",
  name: "Google Ads",
  category: "marketing",
  accessPage: "myaccount.google.com/permissions",
  clientVariables: [
    { id: "GOOGLE_ADS_CLIENT_ID", secret: "GOOGLE_ADS_CLIENT_SECRET" },
    { id: "GOOGLE_CLIENT_ID", secret: "GOOGLE_CLIENT_SECRET" },
  ],
  settings: [
    { name: "developer_token", variable: "GOOGLE_ADS_DEVELOPER_TOKEN", preset: null },
    // A version lives about a year.
    { name: "ads_version", variable: "GOOGLE_ADS_API_VERSION", preset: "v24" },
  ],
  inputs: [],
  identityScopes: ["openid", "email"],
  capabilities: [
    { name: "campaigns", scopes: ["https://www.googleapis.com/auth/adwords"], level: "connected" },
    { name: "analytics", scopes: ["https://www.googleapis.com/auth/adwords"], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: googleAuthorization,
    token: googleToken,
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{
      source: "request",
      request: accessibleCustomers,
      id: ["resourceNames[0]"],
      name: ["resourceNames[0]"],
    },
    email: [],
    withoutId: "The Google account has no Google Ads account. Choose the one that has.",
  },
  renewal: googleRenewal,
  probe: accessibleCustomers,
  revocation: googleRevocation,
  dialect: "google",
  limits: { requestsPerMinute: 120 },
};
