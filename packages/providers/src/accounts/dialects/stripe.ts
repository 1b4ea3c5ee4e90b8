import { readPath } from "../json-path.ts";
import { rfc6749 } from "./rfc6749.ts";
import { type AccountDialect, byStatus, toCode } from "./verdict.ts";

/**
 * Stripe Connect. Calls are made with the platform's own key, so that a 401 means this key, and a 403 `account_invalid` that
 * the account isn't connected any more. https://docs.stripe.com/connect/oauth-reference
 */
export const stripe: AccountDialect = (answer, request) => {
  const { status, body } = answer;
  if (request !== "call") {
    // Deauthorizing an account that isn't connected is refused as if our client were wrong.
    if (request === "revoke" && toCode(readPath(body, "error")) === "invalid_client") return { kind: "ok" };
    return rfc6749(answer, request);
  }
  if (status === 401) return { kind: "misconfigured", reason: "401" };
  const code = toCode(readPath(body, "error.code"));
  if (code === "account_invalid") return { kind: "reauth_required", reason: code };
  return byStatus(answer, request);
};
