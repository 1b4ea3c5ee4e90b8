import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const metadata: RequestTemplate = {
  ...{ method: "GET", url: "https://login.mailchimp.com/oauth2/metadata", authentication: "oauth_word" },
};

/** @see https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/ */
export const mailchimp: AccountProvider = {
  id: "mailchimp",
  name: "Mailchimp",
  category: "marketing",
  accessPage: "admin.mailchimp.com/account/oauth2",
  clientVariables: [{ id: "MAILCHIMP_CLIENT_ID", secret: "MAILCHIMP_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: [],
  capabilities: [
    { name: "lists", scopes: [], level: "connected" },
    { name: "campaigns", scopes: [], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...{
        ...standardAuthorization,
        url: "https://login.mailchimp.com/oauth2/authorize",
        scopeParameter: null,
      },
    },
    token: { ...standardToken, url: "https://login.mailchimp.com/oauth2/token" },
    // `expires_in` is 0, which means never.
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{
      source: "request",
      request: metadata,
      id: ["user_id"],
      name: ["accountname"],
      email: ["login.email"],
    },
    ...{ withoutId: null, facts: { dc: "dc" } },
  },
  renewal: { kind: "none", accessLifetimeSeconds: null },
  probe: metadata,
  revocation: null,
  dialect: "rfc6749",
  limits: { requestsPerMinute: 300 },
};
