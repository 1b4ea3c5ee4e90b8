import type { AccountProvider } from "../definition.ts";
import { hostInput, hourMs } from "./presets.ts";

/** @see https://developer.woocommerce.com/docs/apis/rest-api/authentication/ */
export const woocommerce: AccountProvider = {
  id: "woocommerce",
  name: "WooCommerce",
  category: "shops",
  accessPage: null,
  clientVariables: [],
  settings: [],
  inputs: [
    hostInput({
      name: "store",
      pattern:
        /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.[a-z][a-z0-9-]*[a-z0-9]$/,
      expected: "a store's host, such as shop.example.com",
      example: "shop.example.com",
      preset: null,
    }),
  ],
  identityScopes: [],
  capabilities: [
    { name: "products", scopes: ["read"], level: "connected" },
    { name: "orders", scopes: ["read"], level: "connected" },
  ],
  grant: {
    kind: "key_delivery",
    authorization: {
      url: "https://{store}/wc-auth/v1/authorize",
      query: {
        ...{ app_name: "{operator}", scope: "read", user_id: "{state}" },
        ...{ return_url: "{return_url}", callback_url: "{delivery_url}" },
      },
    },
    delivery: { state: "user_id", keys: ["consumer_key", "consumer_secret"], scope: "key_permissions" },
    stateLifetimeMs: hourMs,
  },
  identity: {
    source: "request",
    request: {
      ...{ method: "GET", url: "https://{store}/wp-json/", authentication: "none" },
      // Without it the answer lists every route of the store's plugins, which can be hundreds of kilobytes.
      query: { _fields: "url,name" },
    },
    ...{
      id: ["url"],
      name: ["name"],
      email: [],
      withoutId: "There is no WooCommerce store at this address.",
      idInput: "store",
    },
  },
  renewal: { kind: "none", accessLifetimeSeconds: null },
  probe: {
    method: "GET",
    url: "https://{store}/wp-json/wc/v3/products",
    authentication: "basic_keys",
    query: { per_page: "1" },
  },
  // The owner removes the key in the store's settings.
  revocation: null,
  dialect: "http_only",
  limits: { requestsPerMinute: 300 },
};
