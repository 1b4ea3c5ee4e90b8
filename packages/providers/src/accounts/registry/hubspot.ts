import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

// Version 1 of the endpoints ends on 2027-02-16.
const oauth = "https://api.hubapi.com/oauth/2026-03/token";

const details: RequestTemplate = {
  ...{ method: "GET", url: "https://api.hubapi.com/account-info/v3/details", authentication: "bearer" },
};

/** @see https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens */
export const hubspot: AccountProvider = {
  id: "hubspot",
  name: "HubSpot",
  category: "marketing",
  accessPage: "app.hubspot.com/connected-apps",
  clientVariables: [{ id: "HUBSPOT_CLIENT_ID", secret: "HUBSPOT_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: ["oauth"],
  capabilities: [
    {
      name: "contacts",
      scopes: ["crm.objects.contacts.read", "crm.objects.contacts.write"],
      level: "connected",
    },
    { name: "campaigns", scopes: ["marketing.campaigns.read"], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: { ...standardAuthorization, url: "https://app.hubspot.com/oauth/authorize" },
    token: { ...standardToken, url: oauth },
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{
      source: "request",
      request: details,
      id: ["portalId"],
      // It tells no name: by its number people know the account in HubSpot's own list.
      name: ["portalId"],
      email: [],
      withoutId: null,
    },
  },
  renewal: {
    ...{ kind: "refresh_token", rotation: "no", isRequired: true, parameters: {} },
    ...{ accessLifetimeSeconds: null, idleLimitDays: null },
  },
  probe: details,
  // The app stays installed.
  revocation: {
    request: {
      ...{ method: "POST", url: `${oauth}/revoke`, authentication: "client_fields" },
      body: { form: { token: "{renewing_token}" } },
    },
    effect: "token",
  },
  dialect: "rfc6749",
  limits: { requestsPerMinute: 600 },
};
