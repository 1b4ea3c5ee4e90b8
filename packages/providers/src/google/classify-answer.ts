import { z } from "zod";

/** What Google was asked for: a code's tokens, a fresh access token, the end of a grant, or the calendar. */
export type GooglePhase = "exchange" | "refresh" | "revoke" | "call";

/** What Google answered. Without a status nothing came back, or not the whole of it. */
export type GoogleAnswer = { readonly status?: number | undefined; readonly body?: unknown };

/**
 * What an answer means. `reauth_required`: only a new consent of the business helps. `misconfigured`: our
 * client is set up wrong, which no business can mend. `refused`: Google won't have this account or calendar
 * called, whoever consents, until somebody changes something there. `transient`, `rate_limited`: it passes.
 * `reason` is Google's own word for it where it has one; it is never a secret.
 */
export type GoogleVerdict = { readonly kind: "ok" } | GoogleFailure;

export type GoogleFailure = {
  readonly kind: "reauth_required" | "misconfigured" | "transient" | "rate_limited";
  readonly reason: string;
};

/** Only a call can be refused for the account or the calendar that it is about. */
export type GoogleCallFailure = GoogleFailure | { readonly kind: "refused"; readonly reason: string };

/**
 * Judges any answer of Google. What isn't known to be for good passes: no word in the wrong phase, and
 * nothing that a broken proxy may say, ends a connection.
 */
export function classify(
  answer: GoogleAnswer,
  phase: "call",
): Extract<GoogleVerdict, { kind: "ok" }> | GoogleCallFailure;
export function classify(answer: GoogleAnswer, phase: Exclude<GooglePhase, "call">): GoogleVerdict;
export function classify(
  { status, body }: GoogleAnswer,
  phase: GooglePhase,
): GoogleVerdict | GoogleCallFailure {
  if (status === undefined) return { kind: "transient", reason: "no answer" };
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && isReadable(body, phase)) return { kind: "ok" };
  if (isSuccess) return { kind: "transient", reason: "unreadable answer" };
  const word = wordOf(body);
  if (status === 429 || (status === 403 && limitWords.has(word ?? ""))) {
    return { kind: "rate_limited", reason: word ?? "429" };
  }
  if (status < 500 && word !== undefined) {
    if (phase === "revoke" && word === "invalid_token") return { kind: "ok" };
    if (oursToMend[phase].has(word)) return { kind: "misconfigured", reason: word };
    if (needsConsent(status, word, phase)) {
      return { kind: "reauth_required", reason: reasonToConsent(word, body, phase) };
    }
    if (phase === "call" && status === 403 && refusedAccess.has(word))
      return { kind: "refused", reason: word };
  }
  return { kind: "transient", reason: `${status} ${word ?? "unknown"}` };
}

/**
 * Tokens are an object; a deleted event and an ended grant may be answered with nothing. A page in HTML is
 * neither, and what names an error is no success, whatever its status.
 */
function isReadable(body: unknown, phase: GooglePhase): boolean {
  if (typeof body === "object" && body !== null) return !("error" in body);
  return (phase === "call" || phase === "revoke") && (body === undefined || body === "");
}

/** Of what is ours to mend: whether it is the client's id or secret, rather than how we use them. */
export function isClientRefused({ reason }: GoogleFailure): boolean {
  return refusedClient.includes(reason);
}

const limitWords = new Set([
  "rateLimitExceeded",
  "userRateLimitExceeded",
  "quotaExceeded",
  "dailyLimitExceeded",
  "rate_limit_exceeded",
]);

/** RFC 6749, section 5.2, and Google's own: the client's id or secret isn't taken. */
const refusedClient = ["invalid_client", "deleted_client", "unauthorized_client"];

const badClient = new Set([
  ...refusedClient,
  "disabled_client",
  "invalid_request",
  "invalid_scope",
  "redirect_uri_mismatch",
  "unsupported_grant_type",
]);

/** https://developers.google.com/workspace/calendar/api/guides/errors */
const badProject = new Set(["accessNotConfigured", "SERVICE_DISABLED"]);

const oursToMend: Record<GooglePhase, ReadonlySet<string>> = {
  exchange: badClient,
  refresh: badClient,
  revoke: badClient,
  call: badProject,
};

/**
 * The account has no calendar, its administrator doesn't let apps use it, the account itself is out of use, or
 * the calendar isn't shared with it. https://developers.google.com/workspace/calendar/api/guides/errors
 */
const refusedAccess = new Set([
  "notACalendarUser",
  "domainPolicy",
  "accountDeleted",
  "accountDisabled",
  "accountUnverified",
  "forbidden",
  "requiredAccessLevel",
]);

const missingScope = new Set(["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]);

/**
 * `invalid_grant` counts with the status that RFC 6749 gives it. A 401 to a call isn't the end of a grant:
 * only the refresh that follows it can tell.
 */
function needsConsent(status: number, word: string, phase: GooglePhase): boolean {
  if (phase === "call") return status === 403 && missingScope.has(word);
  return phase !== "revoke" && status === 400 && word === "invalid_grant";
}

/** In an exchange it is the code that isn't taken: nothing that was granted has died, and the link still works. */
function reasonToConsent(word: string, body: unknown, phase: GooglePhase): string {
  if (phase === "exchange") return "code_refused";
  const subtype = oauthError.safeParse(body).data?.error_subtype;
  // `invalid_rapt`: the session policy of a Workspace has run out, which its administrator can change.
  return phase === "refresh" && subtype !== undefined ? subtype : word;
}

/**
 * Words of a vocabulary, in one of its three spellings, not sentences, and nothing that could be a token: those
 * have digits. Whatever else stands there isn't repeated in a log.
 */
const plainWord = z
  .string()
  .max(40)
  .regex(/^(?:[a-z]+(?:_[a-z]+)*|[a-z]+(?:[A-Z][a-z]*)+|[A-Z]+(?:_[A-Z]+)*)$/);

/** RFC 6749, section 5.2. https://developers.google.com/identity/protocols/oauth2/web-server#offline */
const oauthError = z.object({ error: plainWord, error_subtype: plainWord.optional().catch(undefined) });

/** https://developers.google.com/workspace/calendar/api/guides/errors */
const apiError = z.object({
  error: z.object({ errors: z.tuple([z.object({ reason: plainWord })], z.unknown()) }),
});

/** What Google calls it, in either shape of its errors. */
function wordOf(body: unknown): string | undefined {
  const oauth = oauthError.safeParse(body);
  if (oauth.success) return oauth.data.error;
  const api = apiError.safeParse(body);
  return api.success ? api.data.error.errors[0].reason : undefined;
}
