import { readPath } from "../json-path.ts";
import { rfc6749 } from "./rfc6749.ts";
import type { AccountDialect } from "./verdict.ts";

/**
 * X and LinkedIn refuse a dead code or refresh token as `invalid_request`, which elsewhere is our own fault: only the
 * description tells. A description is no contract, so that a renewal is asked again before the access counts as lost.
 */
export const described: AccountDialect = (answer, request) => {
  const verdict = rfc6749(answer, request);
  const isInvalidRequest = verdict.kind === "misconfigured" && verdict.reason === "invalid_request";
  if (!isInvalidRequest || request === "revoke" || !isAboutToken(answer.body)) return verdict;
  return request === "exchange"
    ? { kind: "reauth_required", reason: "code_refused" }
    : { kind: "confirm_later", reason: verdict.reason };
};

function isAboutToken(body: unknown): boolean {
  const description = readPath(body, "error_description");
  const pattern = /\b(?:token|authorization code)\b.*\binvalid\b/i;
  return typeof description === "string" && pattern.test(description);
}
