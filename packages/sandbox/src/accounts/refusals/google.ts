import type { Spellings } from "./spelling.ts";

/** https://cloud.google.com/apis/design/errors, as the older APIs have it */
function apiError(status: number, reason: string, more: object = {}) {
  const message = `The request was refused: ${reason}.`;
  const errors = [{ message, domain: "global", reason }];
  return { status, body: { error: { code: status, message, errors, ...more } } };
}

/** As the newer APIs have it, such as Google Ads: the reason is in `details`. https://google.aip.dev/193 */
function detailedError(status: number, name: string, reason?: string) {
  const details =
    reason === undefined ? [] : [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason }];
  return { status, body: { error: { code: status, message: `Refused: ${name}.`, status: name, details } } };
}

/** https://developers.google.com/identity/protocols/oauth2/web-server#exchange-errors */
const oauthError = (status: number, error: string, more: object = {}) => ({
  status,
  body: { error, error_description: `The request was refused: ${error}.`, ...more },
});

export const google: Spellings = {
  token_expired: [apiError(401, "authError", { status: "UNAUTHENTICATED" })],
  token_dead: [
    apiError(401, "authError", { status: "UNAUTHENTICATED" }),
    // The userinfo endpoint.
    oauthError(401, "invalid_request"),
    detailedError(401, "UNAUTHENTICATED"),
  ],
  scope_missing: [
    apiError(403, "insufficientPermissions", { status: "PERMISSION_DENIED" }),
    detailedError(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
  ],
  code_dead: [oauthError(400, "invalid_grant")],
  refresh_dead: [
    oauthError(400, "invalid_grant"),
    oauthError(400, "invalid_grant", { error_subtype: "invalid_rapt" }),
  ],
  revoke_dead: [oauthError(400, "invalid_token")],
  client_wrong: [oauthError(401, "invalid_client"), oauthError(401, "deleted_client")],
  request_wrong: [oauthError(400, "invalid_request")],
  rate_limited: [
    { ...oauthError(429, "rate_limit_exceeded"), headers: { "retry-after": "1" } },
    apiError(403, "rateLimitExceeded"),
    apiError(403, "quotaExceeded"),
    detailedError(429, "RESOURCE_EXHAUSTED"),
  ],
  server_error: [apiError(503, "backendError"), oauthError(500, "internal_failure")],
};
