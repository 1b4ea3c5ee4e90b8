import type { Spellings } from "./spelling.ts";

/** https://shopify.dev/docs/api/usage/response-codes */
const apiError = (status: number, errors: string) => ({ status, body: { errors } });

/** With status 200. https://shopify.dev/docs/api/admin-graphql#status_and_error_codes */
const graphqlError = (code: string) => ({
  status: 200,
  body: { errors: [{ message: "The request was refused.", extensions: { code } }] },
});

const oauthError = (error: string) => ({
  status: 400,
  body: { error, error_description: "The request was refused." },
});

const unrecognized = apiError(
  401,
  "[API] Invalid API key or access token (unrecognized login or wrong password)",
);

export const shopify: Spellings = {
  token_expired: [unrecognized],
  token_dead: [unrecognized],
  scope_missing: [
    graphqlError("ACCESS_DENIED"),
    apiError(403, "[API] This action requires merchant approval for read_orders scope."),
  ],
  code_dead: [oauthError("invalid_request")],
  refresh_dead: [oauthError("invalid_grant")],
  revoke_dead: [unrecognized],
  client_wrong: [oauthError("application_cannot_be_found"), oauthError("invalid_client")],
  request_wrong: [oauthError("invalid_request")],
  rate_limited: [
    { ...apiError(429, "Exceeded 2 calls per second for api client."), headers: { "retry-after": "2.0" } },
    graphqlError("THROTTLED"),
  ],
  server_error: [apiError(503, "Service Unavailable"), graphqlError("INTERNAL_SERVER_ERROR")],
};
