import { readPath } from "../json-path.ts";
import {
  type AccountAnswer,
  type AccountDialect,
  byCode,
  byStatus,
  type CodeTable,
  toCode,
} from "./verdict.ts";

/** RFC 6749, section 5.2: our client, or what we ask for, isn't right. */
export const clientCodes = new Set([
  ...["invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_request"],
  "redirect_uri_mismatch",
]);

const tokenCodes: CodeTable = { misconfigured: clientCodes, rate_limited: new Set(["slow_down"]) };

/** RFC 6749, section 5.2; RFC 6750, section 3.1; RFC 7009, section 2.2. */
export const rfc6749: AccountDialect = (answer, request) => {
  const { status, body } = answer;
  const code = toCode(readPath(body, "error"));
  if (status < 400 && code === undefined) return byStatus(answer, request);
  if (status === 429 || status >= 500) return byStatus(answer, request);
  if (request === "call")
    return isEndedToken(answer)
      ? { kind: "unauthorized", reason: "invalid_token" }
      : byStatus(answer, request);
  if (request === "revoke" && (code === "invalid_token" || code === "invalid_grant")) return { kind: "ok" };
  // In an exchange it means the code, and no grant has ended.
  if (code === "invalid_grant")
    return { kind: "reauth_required", reason: request === "exchange" ? "code_refused" : code };
  return byCode(code, tokenCodes) ?? { kind: "transient", reason: `${status} ${code ?? "unknown"}` };
};

/** Mailchimp says it with status 200, Salesforce with 403 and a word. */
function isEndedToken({ status, body }: AccountAnswer): boolean {
  if (status < 400) return readPath(body, "error") === "invalid_token";
  return status === 403 && typeof body === "string" && body.trim() === "Bad_OAuth_Token";
}
