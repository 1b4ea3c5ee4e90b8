import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import t from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { forEachIntegrationsWorld } from "./support/integrations-world.ts";

const api = "https://api.noteboard.example";

/** A plain OAuth provider, as an operator might add one: data alone. */
const noteboard: AccountProvider = {
  id: "noteboard",
  name: "Noteboard",
  category: "messages",
  accessPage: null,
  clientVariables: [{ id: "NOTEBOARD_CLIENT_ID", secret: "NOTEBOARD_CLIENT_SECRET" }],
  settings: [],
  inputs: [],
  identityScopes: ["me:read"],
  capabilities: [{ name: "notes", scopes: ["notes:write"], level: "connected" }],
  grant: {
    kind: "authorization_code",
    authorization: {
      url: "https://login.noteboard.example/authorize",
      clientIdParameter: "client_id",
      scopeParameter: "scope",
      scopeSeparator: " ",
      parameters: {},
      pkce: "S256",
      loginHintParameter: null,
      codeParameter: "code",
      responseCheck: "none",
      insteadOfScope: null,
    },
    token: {
      url: "https://login.noteboard.example/token",
      method: "POST",
      encoding: "form",
      clientAuthentication: "basic",
      clientIdParameter: "client_id",
      clientSecretParameter: "client_secret",
      codeParameter: "code",
      parameters: {},
    },
    tokenResponse: {
      accessToken: "access_token",
      refreshToken: "refresh_token",
      expiresIn: "expires_in",
      refreshExpiresIn: "refresh_token_expires_in",
      scope: "scope",
      tokenType: "token_type",
      facts: {},
    },
    exchanges: [],
    stateLifetimeMs: 600_000,
  },
  identity: {
    source: "request",
    request: { method: "GET", url: `${api}/me`, authentication: "bearer" },
    id: ["user.id"],
    name: ["user.name"],
    email: ["user.email"],
    withoutId: null,
  },
  renewal: {
    kind: "refresh_token",
    rotation: "strict",
    isRequired: true,
    parameters: {},
    accessLifetimeSeconds: null,
    idleLimitDays: null,
  },
  probe: { method: "GET", url: `${api}/me`, authentication: "bearer" },
  revocation: {
    request: {
      method: "POST",
      url: "https://login.noteboard.example/revoke",
      authentication: "client_basic",
      body: { form: { token: "{renewing_token}" } },
    },
    effect: "token",
  },
  dialect: "rfc6749",
  limits: { requestsPerMinute: 60 },
};

forEachIntegrationsWorld(
  t,
  "a provider that is data alone lives as the others do",
  { providers: [...accountProviders, noteboard] },
  async (t, world) => {
    const { body } = await world.api("GET", "/integrations/providers");
    t.match(body.data.at(-1), { provider: "NOTEBOARD", configured: true, kind: "authorization_code" });
    const { integrationId } = await connectAccount(world, noteboard, { account: "eva@example.com" });
    const found = await world.api("GET", `/integrations/${integrationId}`);
    t.match(found.body.data, {
      provider: "NOTEBOARD",
      accountEmail: "eva@example.com",
      scope: ["me:read", "notes:write"],
    });
    t.equal((await world.api("POST", `/integrations/${integrationId}/refresh`)).status, 200);
    t.match(await world.api("DELETE", `/integrations/${integrationId}`), {
      status: 200,
      body: { data: { revokedAtProvider: true } },
    });
  },
);
