import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const userinfo: RequestTemplate = {
  method: "GET",
  url: "https://{paypal_api_host}/v1/identity/oauth2/userinfo",
  authentication: "bearer",
  query: { schema: "paypalv1.1" },
};

/** A login alone: it says whose account it is. @see https://developer.paypal.com/docs/log-in-with-paypal/integrate/ */
export const paypal: AccountProvider = {
  id: "paypal",
  name: "PayPal",
  category: "payments",
  accessPage: "www.paypal.com/myaccount/settings/permissions",
  clientVariables: [{ id: "PAYPAL_CLIENT_ID", secret: "PAYPAL_CLIENT_SECRET" }],
  settings: [
    { name: "paypal_host", variable: "PAYPAL_HOST", preset: "www.paypal.com" },
    { name: "paypal_api_host", variable: "PAYPAL_API_HOST", preset: "api-m.paypal.com" },
  ],
  inputs: [],
  identityScopes: ["openid", "email", "https://uri.paypal.com/services/paypalattributes"],
  capabilities: [{ name: "identity", scopes: [], level: "connected" }],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...standardAuthorization,
      url: "https://{paypal_host}/signin/authorize",
      parameters: { flowEntry: "static" },
    },
    token: {
      ...standardToken,
      url: "https://{paypal_api_host}/v1/oauth2/token",
      clientAuthentication: "basic",
    },
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{
      source: "request",
      request: userinfo,
      id: ["payer_id", "user_id"],
      name: ["name", "emails[0].value"],
    },
    ...{ email: ["emails[0].value"], withoutId: null },
  },
  renewal: {
    ...{ kind: "refresh_token", rotation: "no", isRequired: true, parameters: {} },
    ...{ accessLifetimeSeconds: null, idleLimitDays: null },
  },
  probe: userinfo,
  revocation: null,
  dialect: "rfc6749",
  limits: { requestsPerMinute: 300 },
};
