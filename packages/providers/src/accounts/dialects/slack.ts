import { readPath } from "../json-path.ts";
import { type AccountDialect, byCode, byStatus, type CodeTable, toCode } from "./verdict.ts";

const clientCodes = [
  "invalid_client_id",
  "bad_client_secret",
  "bad_redirect_uri",
  "oauth_authorization_url_mismatch",
];
const endedCodes = ["token_revoked", "account_inactive", "invalid_refresh_token", "team_access_not_granted"];

/** https://docs.slack.dev/reference/methods/oauth.v2.access, auth.test */
const codes: CodeTable = {
  reauth_required: new Set(endedCodes),
  unauthorized: new Set(["invalid_auth", "not_authed", "token_expired"]),
  refused: new Set(["missing_scope", "no_permission", "ekm_access_denied", "org_login_required"]),
  misconfigured: new Set(clientCodes),
  rate_limited: new Set(["ratelimited", "rate_limited"]),
};

/** Failures are `{ok: false, error}` with status 200. */
export const slack: AccountDialect = (answer, request) => {
  if (answer.status >= 400) return byStatus(answer, request);
  if (readPath(answer.body, "ok") === true) return { kind: "ok" };
  const code = toCode(readPath(answer.body, "error"));
  if (request === "exchange" && (code === "invalid_code" || code === "code_already_used"))
    return { kind: "reauth_required", reason: "code_refused" };
  const isOver = code !== undefined && (endedCodes.includes(code) || code === "invalid_auth");
  if (request === "revoke" && isOver) return { kind: "ok" };
  return byCode(code, codes) ?? { kind: "transient", reason: code ?? "unreadable answer" };
};
