import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hostInput, hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const userinfo: RequestTemplate = {
  ...{ method: "GET", url: "https://{instance_host}/services/oauth2/userinfo", authentication: "bearer" },
};

/** @see https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm */
export const salesforce: AccountProvider = {
  id: "salesforce",
  name: "Salesforce",
  category: "marketing",
  accessPage: null,
  clientVariables: [{ id: "SALESFORCE_CLIENT_ID", secret: "SALESFORCE_CLIENT_SECRET" }],
  settings: [],
  inputs: [
    hostInput({
      name: "login_host",
      pattern:
        /^(?:login|test)\.salesforce\.com$|^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:--[a-z0-9]+\.sandbox)?\.my\.salesforce\.com$/,
      expected: "login.salesforce.com, test.salesforce.com or a host such as example.my.salesforce.com",
      example: "login.salesforce.com",
      preset: "login.salesforce.com",
    }),
  ],
  identityScopes: ["openid", "refresh_token"],
  capabilities: [{ name: "contacts", scopes: ["api"], level: "connected" }],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...{ ...standardAuthorization, url: "https://{login_host}/services/oauth2/authorize", pkce: "S256" },
    },
    token: { ...standardToken, url: "https://{login_host}/services/oauth2/token" },
    tokenResponse: { ...standardTokenResponse, facts: { instance_host: { hostOf: "instance_url" } } },
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{
      source: "request",
      request: userinfo,
      id: ["organization_id", "user_id"],
      name: ["preferred_username"],
    },
    ...{ email: ["email"], withoutId: null },
  },
  renewal: {
    ...{ kind: "refresh_token", rotation: "strict", isRequired: true, parameters: {} },
    // No response says it: the organization's own session length, two hours where nobody has changed it.
    ...{ accessLifetimeSeconds: 7_200, idleLimitDays: 30 },
  },
  probe: userinfo,
  revocation: {
    request: {
      ...{ method: "POST", url: "https://{login_host}/services/oauth2/revoke", authentication: "none" },
      body: { form: { token: "{renewing_token}" } },
    },
    effect: "token",
  },
  dialect: "rfc6749",
  limits: { requestsPerMinute: 300 },
};
