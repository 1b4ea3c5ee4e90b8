import { z } from "zod";
import type { Failure, OAuthRequestKind, ProviderAnswer } from "../strategies/dialect.ts";

/** The kind of a request: to the authorization server, or a call of the Calendar API. */
export type GoogleRequestKind = OAuthRequestKind | "call";

/**
 * The meaning of a call's failure. `refused`: Google doesn't allow calls for this account or calendar, even after a new
 * consent, until somebody changes its settings.
 */
export type GoogleCallFailure = Failure | { readonly kind: "refused"; readonly reason: string };

type Success = { readonly kind: "ok" };

/**
 * Classifies any response of Google. A failure that isn't known to last is transient, so that neither the error code of
 * another kind of request nor a broken proxy ends a connection.
 */
export function classifyAnswer(answer: ProviderAnswer, request: "call"): Success | GoogleCallFailure;
export function classifyAnswer(answer: ProviderAnswer, request: OAuthRequestKind): Success | Failure;
export function classifyAnswer(
  { status, body }: ProviderAnswer,
  request: GoogleRequestKind,
): Success | GoogleCallFailure {
  if (status === undefined) return { kind: "transient", reason: "no answer" };
  if (status >= 200 && status < 300) {
    return isSuccessBody(body, request) ? { kind: "ok" } : { kind: "transient", reason: "unreadable answer" };
  }
  const code = errorCodeOf(body);
  if (status === 429 || (status === 403 && limitCodes.has(code ?? ""))) {
    return { kind: "rate_limited", reason: code ?? "429" };
  }
  if (status < 500 && code !== undefined) {
    // A token that Google doesn't know counts as revoked (RFC 7009, section 2.2).
    if (request === "revoke" && code === "invalid_token") return { kind: "ok" };
    if (misconfiguredCodes[request].has(code)) return { kind: "misconfigured", reason: code };
    if (needsConsent(status, code, request)) {
      return { kind: "reauth_required", reason: consentReason(code, body, request) };
    }
    if (request === "call" && status === 403 && refusedCodes.has(code)) {
      return { kind: "refused", reason: code };
    }
  }
  return { kind: "transient", reason: `${status} ${code ?? "unknown"}` };
}

/**
 * A success has a JSON object without `error`; deleting an event and revoking may have an empty body. An HTML page with
 * status 200 is no success.
 */
function isSuccessBody(body: unknown, request: GoogleRequestKind): boolean {
  if (typeof body === "object" && body !== null) return !("error" in body);
  return (request === "call" || request === "revoke") && (body === undefined || body === "");
}

/** Whether a `misconfigured` failure is due to the client's id or secret. */
export function isClientRefused({ reason }: Failure): boolean {
  return unknownClientCodes.includes(reason);
}

const limitCodes = new Set([
  "rateLimitExceeded",
  "userRateLimitExceeded",
  "quotaExceeded",
  "dailyLimitExceeded",
  "rate_limit_exceeded",
]);

/** RFC 6749, section 5.2, and Google's own `deleted_client`: the client's id or secret isn't accepted. */
const unknownClientCodes = ["invalid_client", "deleted_client", "unauthorized_client"];

const clientCodes = new Set([
  ...unknownClientCodes,
  "disabled_client",
  "invalid_request",
  "invalid_scope",
  "redirect_uri_mismatch",
  "unsupported_grant_type",
]);

/** https://developers.google.com/workspace/calendar/api/guides/errors */
const projectCodes = new Set(["accessNotConfigured", "SERVICE_DISABLED"]);

const misconfiguredCodes: Record<GoogleRequestKind, ReadonlySet<string>> = {
  exchange: clientCodes,
  refresh: clientCodes,
  revoke: clientCodes,
  call: projectCodes,
};

/**
 * The account has no calendar, its administrator doesn't let apps use it, the account itself is out of use, or the
 * calendar isn't shared with it. https://developers.google.com/workspace/calendar/api/guides/errors
 */
const refusedCodes = new Set([
  "notACalendarUser",
  "domainPolicy",
  "accountDeleted",
  "accountDisabled",
  "accountUnverified",
  "forbidden",
  "requiredAccessLevel",
]);

const missingScopeCodes = new Set(["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]);

/**
 * `invalid_grant` counts only with status 400, as in RFC 6749. A 401 to a call doesn't end a grant: the refresh that
 * follows it decides.
 */
function needsConsent(status: number, code: string, request: GoogleRequestKind): boolean {
  if (request === "call") return status === 403 && missingScopeCodes.has(code);
  return request !== "revoke" && status === 400 && code === "invalid_grant";
}

/** In an exchange `invalid_grant` means the code: no grant has ended, and the consent link still works. */
function consentReason(code: string, body: unknown, request: GoogleRequestKind): string {
  if (request === "exchange") return "code_refused";
  const subtype = oauthError.safeParse(body).data?.error_subtype;
  // `invalid_rapt`: the session policy of a Workspace, which its administrator can change, demands a new sign-in.
  return request === "refresh" && subtype !== undefined ? subtype : code;
}

/**
 * An error code in one of three spellings, without digits, so that it can be neither a sentence nor a token. Any other
 * text in its place is never logged.
 */
const errorCode = z
  .string()
  .max(40)
  .regex(/^(?:[a-z]+(?:_[a-z]+)*|[a-z]+(?:[A-Z][a-z]*)+|[A-Z]+(?:_[A-Z]+)*)$/);

/** RFC 6749, section 5.2. https://developers.google.com/identity/protocols/oauth2/web-server#offline */
const oauthError = z.object({ error: errorCode, error_subtype: errorCode.optional().catch(undefined) });

/** https://developers.google.com/workspace/calendar/api/guides/errors */
const apiError = z.object({
  error: z.object({ errors: z.tuple([z.object({ reason: errorCode })], z.unknown()) }),
});

/** The error code of a body in either of Google's formats. */
function errorCodeOf(body: unknown): string | undefined {
  const oauth = oauthError.safeParse(body);
  if (oauth.success) return oauth.data.error;
  const api = apiError.safeParse(body);
  return api.success ? api.data.error.errors[0].reason : undefined;
}
