import type { Spellings } from "./spelling.ts";

const invalidToken = {
  status: 401,
  body: { error: "invalid_token", error_description: "The access token isn't valid." },
  headers: { "www-authenticate": 'Bearer error="invalid_token"' },
} as const;

const invalidGrant = {
  status: 400,
  body: { error: "invalid_grant", error_description: "It isn't valid, has expired or was revoked." },
} as const;

/** RFC 6749, section 5.2; RFC 6750, section 3.1; RFC 7009, section 2.2. */
export const rfc6749: Spellings = {
  token_expired: [invalidToken],
  token_dead: [
    invalidToken,
    // Mailchimp.
    { status: 200, body: { error: "invalid_token" } },
    // Discord.
    { status: 401, body: { message: "401: Unauthorized", code: 0 } },
    // Salesforce.
    { status: 401, body: [{ message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" }] },
    // X. https://docs.x.com/x-api/fundamentals/response-codes-and-errors
    {
      status: 401,
      body: { title: "Unauthorized", type: "about:blank", status: 401, detail: "Unauthorized" },
    },
  ],
  scope_missing: [
    { status: 403, body: { error: "insufficient_scope" } },
    // LinkedIn.
    { status: 403, body: { serviceErrorCode: 100, message: "Not enough permissions", status: 403 } },
  ],
  code_dead: [invalidGrant],
  refresh_dead: [invalidGrant],
  revoke_dead: [{ status: 200, body: {} }, { status: 400, body: { error: "invalid_token" } }, invalidGrant],
  client_wrong: [
    { status: 401, body: { error: "invalid_client" } },
    { status: 400, body: { error: "invalid_client" } },
    { status: 400, body: { error: "unauthorized_client" } },
  ],
  request_wrong: [{ status: 400, body: { error: "invalid_request" } }],
  rate_limited: [
    { status: 429, body: { message: "You are being rate limited." }, headers: { "retry-after": "1" } },
  ],
  server_error: [
    { status: 503, body: { error: "temporarily_unavailable" } },
    { status: 500, body: { error: "server_error" } },
  ],
};
