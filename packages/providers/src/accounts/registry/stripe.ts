import type { AccountProvider } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

/**
 * Stripe Connect. The client's secret is the platform's secret key, and calls for an account are made with it.
 * @see https://docs.stripe.com/connect/oauth-reference
 */
export const stripe: AccountProvider = {
  id: "stripe",
  name: "Stripe",
  category: "payments",
  accessPage: "dashboard.stripe.com/settings/connected-apps",
  clientVariables: [{ id: "STRIPE_CLIENT_ID", secret: "STRIPE_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: ["read_write"],
  capabilities: [{ name: "payments", scopes: [], level: "connected" }],
  grant: {
    kind: "authorization_code",
    authorization: { ...standardAuthorization, url: "https://connect.stripe.com/oauth/authorize" },
    token: { ...standardToken, url: "https://connect.stripe.com/oauth/token" },
    tokenResponse: { ...standardTokenResponse, facts: { stripe_account: "stripe_user_id" } },
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: { source: "token_response", id: ["stripe_user_id"], name: ["stripe_user_id"], email: [] },
  renewal: { kind: "none", accessLifetimeSeconds: null },
  probe: {
    method: "GET",
    url: "https://api.stripe.com/v1/account",
    authentication: "client_secret_bearer",
    headers: { "stripe-account": "{stripe_account}" },
  },
  revocation: {
    request: {
      method: "POST",
      url: "https://connect.stripe.com/oauth/deauthorize",
      authentication: "client_secret_bearer",
      body: { form: { client_id: "{client_id}", stripe_user_id: "{stripe_account}" } },
    },
    effect: "grant",
  },
  dialect: "stripe",
  limits: { requestsPerMinute: 600 },
};
