import type { Spelling, Spellings } from "./spelling.ts";

/** https://developers.tiktok.com/doc/tiktok-api-v2-error-handling */
const apiError = (status: number, code: string): Spelling => ({
  status,
  body: { data: {}, error: { code, message: "The request was refused.", log_id: "sandbox" } },
});

/** With status 200. https://developers.tiktok.com/doc/oauth-error-handling */
const oauthError = (error: string): Spelling => ({
  status: 200,
  body: { error, error_description: "The request was refused.", log_id: "sandbox" },
});

export const tiktokV2: Spellings = {
  token_expired: [apiError(401, "access_token_invalid")],
  token_dead: [apiError(401, "access_token_invalid"), apiError(200, "access_token_invalid")],
  scope_missing: [apiError(401, "scope_not_authorized"), apiError(401, "scope_permission_missed")],
  code_dead: [oauthError("invalid_grant"), { ...oauthError("invalid_grant"), status: 400 }],
  refresh_dead: [oauthError("invalid_grant"), { ...oauthError("invalid_grant"), status: 400 }],
  revoke_dead: [oauthError("invalid_grant")],
  client_wrong: [oauthError("invalid_client"), { ...oauthError("invalid_client"), status: 401 }],
  request_wrong: [oauthError("invalid_request")],
  rate_limited: [{ ...apiError(429, "rate_limit_exceeded"), headers: { "retry-after": "1" } }],
  server_error: [apiError(500, "internal_error")],
};

/** With status 200. https://business-api.tiktok.com/portal/docs?id=1737172488964097 */
const businessError = (code: number): Spelling => ({
  status: 200,
  body: { code, message: "The request was refused.", request_id: "sandbox", data: {} },
});

export const tiktokBusiness: Spellings = {
  token_expired: [businessError(40_102)],
  token_dead: [businessError(40_105), businessError(40_104)],
  scope_missing: [businessError(40_001), businessError(40_003)],
  code_dead: [businessError(40_110)],
  // There is no renewal.
  refresh_dead: [businessError(40_105)],
  revoke_dead: [businessError(40_105)],
  client_wrong: [businessError(40_101), businessError(40_106)],
  request_wrong: [businessError(40_002)],
  rate_limited: [businessError(40_100), businessError(40_133)],
  server_error: [businessError(50_000), { ...businessError(50_000), status: 502 }],
};
