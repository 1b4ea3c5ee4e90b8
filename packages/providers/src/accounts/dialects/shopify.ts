import { readPath } from "../json-path.ts";
import { rfc6749 } from "./rfc6749.ts";
import { type AccountDialect, byStatus, isPage, toCode } from "./verdict.ts";

/** https://shopify.dev/docs/api/usage/response-codes */
const closedStatuses = new Set([402, 404, 423]);

/** Also failures of GraphQL, with status 200. https://shopify.dev/docs/api/admin-graphql#status_and_error_codes */
export const shopify: AccountDialect = (answer, request) => {
  const { status, body } = answer;
  if (request === "revoke")
    return status === 401 && !isPage(body) ? { kind: "ok" } : byStatus(answer, request);
  if (request !== "call") {
    const code = toCode(readPath(body, "error"));
    if (code === "application_cannot_be_found") return { kind: "misconfigured", reason: code };
    // A code that was used or is too old. https://github.com/nozzlegear/ShopifySharp/issues/70
    if (request === "exchange" && code === "invalid_request")
      return { kind: "reauth_required", reason: "code_refused" };
    return rfc6749(answer, request);
  }
  if (closedStatuses.has(status)) return { kind: "refused", reason: String(status) };
  if (status >= 400) return byStatus(answer, request);
  const code = toCode(readPath(body, "errors[0].extensions.code"));
  if (code === "THROTTLED") return { kind: "rate_limited", reason: code };
  if (code === "ACCESS_DENIED") return { kind: "refused", reason: code };
  return readPath(body, "errors") === undefined
    ? byStatus(answer, request)
    : { kind: "transient", reason: code ?? "errors" };
};
