import { readPath } from "../json-path.ts";
import { type AccountDialect, byCode, byStatus, type CodeTable, toCode } from "./verdict.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

/** https://developers.facebook.com/docs/graph-api/guides/error-handling */
const codes: CodeTable = {
  reauth_required: new Set(["190", "102"]),
  refused: new Set(["3", "10", ...range(200, 299)]),
  rate_limited: new Set(["4", "17", "32", "341", "613", ...range(80_000, 80_014)]),
  misconfigured: new Set(["101"]),
  transient: new Set(["1", "2"]),
};

/** Facebook and Instagram. Their access tokens renew themselves, so that one which has ended needs a new consent. */
export const meta: AccountDialect = (answer, request) => {
  const code = toCode(readPath(answer.body, "error.code")) ?? toCode(readPath(answer.body, "code"));
  if (answer.status < 400 && readPath(answer.body, "error") === undefined) return byStatus(answer, request);
  // A code that was used or is too old: 100. https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
  if (request === "exchange" && (code === "100" || code === "400" || code === "190"))
    return { kind: "reauth_required", reason: "code_refused" };
  // A wrong app secret has the code of what may pass, which itself comes with status 500.
  if (request !== "call" && code === "1" && answer.status === 400)
    return { kind: "misconfigured", reason: code };
  if (request === "revoke" && code === "190") return { kind: "ok" };
  const found = byCode(code, codes);
  if (found?.kind === "reauth_required") {
    const subcode = toCode(readPath(answer.body, "error.error_subcode"));
    return {
      kind: "reauth_required",
      reason: subcode === undefined ? found.reason : `${found.reason}_${subcode}`,
    };
  }
  return found ?? byStatus(answer.status < 400 ? { ...answer, status: 400 } : answer, request);
};
