import type { Spelling, Spellings } from "./spelling.ts";

/** With status 200. https://docs.slack.dev/apis/web-api/#responses */
const slackError = (error: string, more: object = {}): Spelling => ({
  status: 200,
  body: { ok: false, error, ...more },
});

export const slack: Spellings = {
  token_expired: [slackError("token_expired")],
  token_dead: [
    slackError("token_revoked"),
    slackError("account_inactive"),
    slackError("team_access_not_granted"),
  ],
  scope_missing: [
    slackError("missing_scope", { needed: "chat:write", provided: "commands" }),
    slackError("no_permission"),
  ],
  code_dead: [slackError("invalid_code"), slackError("code_already_used")],
  refresh_dead: [slackError("invalid_refresh_token")],
  revoke_dead: [slackError("token_revoked"), slackError("invalid_auth")],
  client_wrong: [slackError("bad_client_secret"), slackError("invalid_client_id")],
  request_wrong: [slackError("invalid_arguments")],
  rate_limited: [
    { ...slackError("ratelimited"), status: 429, headers: { "retry-after": "1" } },
    slackError("ratelimited"),
  ],
  server_error: [
    slackError("internal_error"),
    slackError("fatal_error"),
    { ...slackError("service_unavailable"), status: 503 },
  ],
};
