import { readPath } from "../json-path.ts";
import { rfc6749 } from "./rfc6749.ts";
import { type AccountDialect, byCode, byStatus, type CodeTable, toCode } from "./verdict.ts";

/** https://developers.tiktok.com/doc/tiktok-api-v2-error-handling */
const callCodes: CodeTable = {
  unauthorized: new Set(["access_token_invalid"]),
  refused: new Set(["scope_not_authorized", "scope_permission_missed"]),
  rate_limited: new Set(["rate_limit_exceeded"]),
  transient: new Set(["internal_error"]),
};

/** The token endpoint has the words of RFC 6749, with any status; everything else has `{error: {code: "ok"}}`. */
export const tiktokV2: AccountDialect = (answer, request) => {
  if (request !== "call") {
    const isRefusal = toCode(readPath(answer.body, "error")) !== undefined;
    return rfc6749(isRefusal && answer.status < 400 ? { ...answer, status: 400 } : answer, request);
  }
  const code = toCode(readPath(answer.body, "error.code"));
  if (code === "ok") return byStatus(answer, request);
  return (
    byCode(code, callCodes) ?? byStatus(answer.status < 400 ? { status: 500, body: "" } : answer, request)
  );
};

/** https://business-api.tiktok.com/portal/docs?id=1737172488964097 */
const businessCodes: CodeTable = {
  reauth_required: new Set(["40102", "40104", "40105"]),
  refused: new Set(["40001", "40003"]),
  misconfigured: new Set(["40101", "40106"]),
  rate_limited: new Set(["40100", "40133"]),
};

/** Failures are `{code, message}` with status 200. Its access tokens can't be renewed. */
export const tiktokBusiness: AccountDialect = (answer, request) => {
  if (answer.status >= 400) return byStatus(answer, request);
  const code = toCode(readPath(answer.body, "code"));
  if (code === "0") return { kind: "ok" };
  if (request === "exchange" && (code === "40110" || code === "40002"))
    return { kind: "reauth_required", reason: "code_refused" };
  const found = byCode(code, businessCodes);
  if (request === "revoke" && found?.kind === "reauth_required") return { kind: "ok" };
  return found ?? { kind: "transient", reason: code ?? "unreadable answer" };
};
