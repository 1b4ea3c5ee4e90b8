import type { AccountProvider, RequestTemplate } from "../definition.ts";
import { hostInput, hourMs, standardAuthorization, standardToken, standardTokenResponse } from "./presets.ts";

const ownShop: RequestTemplate = {
  method: "POST",
  url: "https://{shop}/admin/api/{shopify_version}/graphql.json",
  authentication: "shopify_header",
  body: { json: { query: "{ shop { id name myshopifyDomain } }" } },
};

/** @see https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens */
export const shopify: AccountProvider = {
  id: "shopify",
  name: "Shopify",
  category: "shops",
  accessPage: null,
  clientVariables: [{ id: "SHOPIFY_CLIENT_ID", secret: "SHOPIFY_CLIENT_SECRET" }],
  settings: [{ name: "shopify_version", variable: "SHOPIFY_API_VERSION", preset: "2026-10" }],
  inputs: [
    hostInput({
      name: "shop",
      pattern: /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/,
      expected: "a shop's host, such as example.myshopify.com",
      example: "example.myshopify.com",
      preset: null,
    }),
  ],
  identityScopes: [],
  capabilities: [
    { name: "products", scopes: ["read_products"], level: "connected" },
    { name: "orders", scopes: ["read_orders"], level: "connected" },
    { name: "inventory", scopes: ["read_inventory"], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: {
      ...standardAuthorization,
      url: "https://{shop}/admin/oauth/authorize",
      ...{ scopeSeparator: ",", responseCheck: "shopify_hmac" },
    },
    // Public apps must have tokens that expire from 2027-01-01 on.
    token: {
      ...standardToken,
      url: "https://{shop}/admin/oauth/access_token",
      parameters: { expiring: "1" },
    },
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{ source: "request", request: ownShop, id: ["data.shop.myshopifyDomain"], name: ["data.shop.name"] },
    ...{ email: [], withoutId: null },
  },
  renewal: {
    // Custom apps may still get tokens that don't end.
    ...{ kind: "refresh_token", rotation: "grace", isRequired: false, parameters: {} },
    ...{ accessLifetimeSeconds: null, idleLimitDays: 90 },
  },
  probe: ownShop,
  revocation: {
    request: {
      method: "DELETE",
      url: "https://{shop}/admin/api_permissions/current.json",
      authentication: "shopify_header",
    },
    effect: "uninstall",
  },
  dialect: "shopify",
  limits: { requestsPerMinute: 300 },
};
