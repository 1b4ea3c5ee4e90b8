import { createHmac } from "node:crypto";

/** The values of placeholders. */
export type Values = Readonly<Record<string, string>>;

/** How a request to a provider says whose it is: what it adds to the request. */
export type CallAuthentication = (values: Values) => {
  readonly headers?: Values;
  readonly query?: Values;
  readonly form?: Values;
};

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

const read = (values: Values, name: string) => values[name] ?? "";

export const callAuthentications = {
  none: () => ({}),
  /** RFC 6750, section 2.1. */
  bearer: (values) => ({ headers: { authorization: `Bearer ${read(values, "access_token")}` } }),
  /** https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/ */
  oauth_word: (values) => ({ headers: { authorization: `OAuth ${read(values, "access_token")}` } }),
  /** https://shopify.dev/docs/api/admin-rest#authentication */
  shopify_header: (values) => ({ headers: { "x-shopify-access-token": read(values, "access_token") } }),
  /** https://business-api.tiktok.com/portal/docs?id=1739584855420929 */
  tiktok_ads_header: (values) => ({ headers: { "access-token": read(values, "access_token") } }),
  /** The access token is user and password, with a colon between. */
  basic_keys: (values) => {
    const [user = "", password = ""] = read(values, "access_token").split(":");
    return { headers: basic(user, password) };
  },
  /** RFC 6749, section 2.3.1. */
  client_basic: (values) => ({
    headers: basic(
      encodeURIComponent(read(values, "client_id")),
      encodeURIComponent(read(values, "client_secret")),
    ),
  }),
  client_fields: (values) => ({
    form: { client_id: read(values, "client_id"), client_secret: read(values, "client_secret") },
  }),
  /** The platform's own secret key. https://docs.stripe.com/connect/authentication */
  client_secret_bearer: (values) => ({
    headers: { authorization: `Bearer ${read(values, "client_secret")}` },
  }),
  /** https://developers.facebook.com/docs/graph-api/guides/secure-requests */
  meta_proof: (values) => ({
    headers: { authorization: `Bearer ${read(values, "access_token")}` },
    query: {
      appsecret_proof: createHmac("sha256", read(values, "client_secret"))
        .update(read(values, "access_token"))
        .digest("hex"),
    },
  }),
} satisfies Readonly<Record<string, CallAuthentication>>;

/** Those that send no access token. */
export const withoutAccessToken: ReadonlySet<CallAuthenticationName> = new Set([
  ...(["none", "client_basic", "client_fields", "client_secret_bearer"] as const),
]);

export type CallAuthenticationName = keyof typeof callAuthentications;
