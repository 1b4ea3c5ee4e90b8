import { readPath } from "../json-path.ts";
import { rfc6749 } from "./rfc6749.ts";
import { type AccountDialect, byCode, byStatus, type CodeTable } from "./verdict.ts";

/** https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes */
const codes: CodeTable = {
  reauth_required: new Set([
    ...["50057", "50076", "50079", "50173", "53003", "65001", "70008", "700082", "700084"],
    ...["90094", "900941", "65004", "650056"],
  ]),
  // They have been seen to pass on an identical second try.
  confirm_later: new Set(["70000", "700003"]),
  misconfigured: new Set(["7000215", "7000222", "700016", "50011", "50194"]),
};

/** `invalid_grant` alone says too little: the numbers in `error_codes` do. */
export const microsoft: AccountDialect = (answer, request) => {
  if (request === "call" || answer.status < 400 || answer.status >= 500 || answer.status === 429)
    return byStatus(answer, request);
  const numbers = readPath(answer.body, "error_codes");
  const known = Array.isArray(numbers) ? numbers.map((one) => byCode(String(one), codes)) : [];
  const found = known.find((one) => one !== undefined);
  if (found === undefined) {
    const verdict = rfc6749(answer, request);
    return verdict.kind === "reauth_required" && request === "refresh"
      ? { ...verdict, kind: "confirm_later" }
      : verdict;
  }
  return request === "exchange" && found.kind === "confirm_later"
    ? { kind: "reauth_required", reason: "code_refused" }
    : found;
};
