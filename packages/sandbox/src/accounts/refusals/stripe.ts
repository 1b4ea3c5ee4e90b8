import type { Spellings } from "./spelling.ts";

/** https://docs.stripe.com/api/errors */
const apiError = (status: number, type: string, code?: string) => ({
  status,
  body: { error: { type, code, message: "The request was refused." } },
});

/** https://docs.stripe.com/connect/oauth-reference */
const oauthError = (status: number, error: string) => ({
  status,
  body: { error, error_description: "The request was refused." },
});

export const stripe: Spellings = {
  token_expired: [apiError(403, "invalid_request_error", "account_invalid")],
  token_dead: [apiError(403, "invalid_request_error", "account_invalid")],
  scope_missing: [apiError(403, "invalid_request_error", "more_permissions_required_for_application")],
  code_dead: [oauthError(400, "invalid_grant")],
  refresh_dead: [oauthError(400, "invalid_grant")],
  // The application isn't connected to the account.
  revoke_dead: [oauthError(401, "invalid_client")],
  client_wrong: [oauthError(401, "invalid_client")],
  request_wrong: [oauthError(400, "invalid_request")],
  rate_limited: [
    apiError(429, "invalid_request_error", "rate_limit"),
    apiError(429, "invalid_request_error", "lock_timeout"),
  ],
  server_error: [apiError(500, "api_error"), apiError(503, "api_error")],
};
