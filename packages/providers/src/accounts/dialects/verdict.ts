/** The kind of a request to a provider. `call`: with an access token, to any of its APIs. */
export type AccountRequestKind = "exchange" | "refresh" | "revoke" | "call";

/** A provider's complete response. `body`: parsed JSON, or the text where it isn't JSON. */
export type AccountAnswer = { readonly status: number; readonly body: unknown };

/** The meaning of a response. Reasons are codes: never a secret, nor a text of the provider's. */
export type AccountVerdict =
  | { readonly kind: "ok" }
  | {
      /**
       * `reauth_required`: only a new consent helps. `confirm_later`: the same, if it is still so minutes later.
       * `unauthorized`: this access token isn't taken; a renewal decides, where there is one. `refused`: the account or its
       * owner doesn't allow this call. `misconfigured`: our client or app is set up wrong. `rate_limited`, `transient`: it may
       * pass by itself.
       */
      readonly kind:
        | "reauth_required"
        | "confirm_later"
        | "unauthorized"
        | "refused"
        | "misconfigured"
        | "rate_limited"
        | "transient";
      readonly reason: string;
    };

export type AccountFailure = Exclude<AccountVerdict, { readonly kind: "ok" }>;

/** How a provider spells its answers. Pure. */
export type AccountDialect = (answer: AccountAnswer, request: AccountRequestKind) => AccountVerdict;

const ok: AccountVerdict = { kind: "ok" };

/** A code of a provider, unlike a sentence or a token. Any other text in its place is never logged. */
const codePattern = /^[A-Za-z][A-Za-z_]{0,49}$|^-?\d{1,9}$/;

export function toCode(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && codePattern.test(value) ? value : undefined;
}

/** What statuses mean at any provider, where its body says no more. */
export function byStatus({ status, body }: AccountAnswer, request: AccountRequestKind): AccountVerdict {
  if (status >= 200 && status < 300) return isReadable(body, request) ? ok : unreadable;
  if (status === 429) return { kind: "rate_limited", reason: "429" };
  if (request === "revoke" && (status === 404 || status === 410)) return isPage(body) ? unreadable : ok;
  if (request === "call" && status === 401)
    return isPage(body) ? unreadable : { kind: "unauthorized", reason: "401" };
  if (request === "call" && status === 403) return { kind: "refused", reason: "403" };
  return { kind: "transient", reason: String(status) };
}

export const unreadable: AccountVerdict = { kind: "transient", reason: "unreadable answer" };

/** A page of HTML with status 200 is no success, except of what has no document to answer. */
function isReadable(body: unknown, request: AccountRequestKind): boolean {
  return (typeof body === "object" && body !== null) || (request === "revoke" && body === "");
}

/** What a proxy or a web server in front of an API answers, and never the API. */
export function isPage(body: unknown): boolean {
  return typeof body === "string" && body.trimStart().startsWith("<");
}

/** Codes and what they mean, one kind after the other. */
export type CodeTable = Partial<Record<AccountFailure["kind"], ReadonlySet<string>>>;

/** @returns undefined for a code that isn't in the table. */
export function byCode(code: string | undefined, table: CodeTable): AccountVerdict | undefined {
  if (code === undefined) return undefined;
  for (const [kind, codes] of Object.entries(table))
    if (codes.has(code)) return { kind: kind as AccountFailure["kind"], reason: code };
  return undefined;
}
