import { z } from "zod";

/** What an id_token is checked against. */
export type IdTokenExpectation = {
  /** A pattern where each tenant of the provider is an issuer of its own. */
  readonly issuers: readonly (string | RegExp)[];
  readonly clientId: string;
  /** The provider's time in epoch milliseconds, from the response's `Date`. Our own clock may be hours off. */
  readonly now: number;
};

/** The check that an id_token has failed: a claim, or `form` where it can't be decoded. Safe to log. */
export type IdTokenCheck = "form" | "iss" | "aud" | "azp" | "exp" | "iat" | "sub";

export type IdTokenResult =
  | {
      readonly kind: "valid";
      /** `sub`: it doesn't change with the address, and the issuer never gives it to another account. */
      readonly accountId: string;
      /** Undefined where the id_token has no valid one. */
      readonly email: string | undefined;
      /** Whether the account's owner has shown that the address is theirs. */
      readonly isEmailVerified: boolean;
    }
  | { readonly kind: "invalid"; readonly check: IdTokenCheck };

const skewMs = 5 * 60_000;
const maxAgeMs = 24 * 3_600_000;

/** A NumericDate (RFC 7519, section 2) within the range of JavaScript's `Date`. */
const numericDate = z.number().min(0).max(8.64e12);

const claimsSchema = z.record(z.string(), z.unknown());

const emailSchema = z.object({
  email: z.email().optional().catch(undefined),
  // Left out, or anything but true: nobody has verified it.
  email_verified: z.literal(true).optional().catch(undefined),
});

/**
 * Checks an id_token from a token endpoint's response. The signature isn't checked, since TLS authenticates the token
 * endpoint (item 6).
 * @see OpenID Connect Core 1.0, section 3.1.3.7
 */
export function checkIdToken(idToken: string, expected: IdTokenExpectation): IdTokenResult {
  const checked = checkIdTokenClaims(idToken, expected);
  if (checked.kind === "invalid") return checked;
  const { claims } = checked;
  const { email, email_verified } = emailSchema.parse(claims);
  return { kind: "valid", accountId: String(claims.sub), email, isEmailVerified: email_verified === true };
}

/** The same, with all claims. */
export function checkIdTokenClaims(
  idToken: string,
  expected: IdTokenExpectation,
):
  | { readonly kind: "valid"; readonly claims: Readonly<Record<string, unknown>> }
  | { readonly kind: "invalid"; readonly check: IdTokenCheck } {
  const parsed = claimsSchema.safeParse(decodeClaims(idToken));
  if (!parsed.success) return { kind: "invalid", check: "form" };
  const failed = checks.find(([, holds]) => !holds(parsed.data, expected));
  return failed === undefined
    ? { kind: "valid", claims: parsed.data }
    : { kind: "invalid", check: failed[0] };
}

type Claims = z.output<typeof claimsSchema>;

/** In the order of section 3.1.3.7, so that an id_token for another client fails for that, and not for its age. */
const checks: [IdTokenCheck, (claims: Claims, expected: IdTokenExpectation) => boolean][] = [
  ["iss", ({ iss }, { issuers }) => typeof iss === "string" && issuers.some((one) => isIssuer(one, iss))],
  ["aud", ({ aud }, { clientId }) => isOnly(aud, clientId)],
  ["azp", ({ azp }, { clientId }) => azp === undefined || azp === clientId],
  ["exp", ({ exp }, { now }) => isTime(exp, (time) => time > now - skewMs)],
  ["iat", ({ iat }, { now }) => isTime(iat, (time) => time <= now + skewMs && time >= now - maxAgeMs)],
  ["sub", ({ sub }) => typeof sub === "string" && /^[\x21-\x7e]{1,255}$/.test(sub)],
];

function isIssuer(issuer: string | RegExp, claimed: string): boolean {
  return typeof issuer === "string" ? issuer === claimed : issuer.test(claimed);
}

/** Whether the only audience is our client. Further audiences aren't trusted, whatever `azp` says. */
function isOnly(audience: unknown, clientId: string): boolean {
  return Array.isArray(audience) ? audience.length === 1 && audience[0] === clientId : audience === clientId;
}

function isTime(claim: unknown, holds: (epochMs: number) => boolean): boolean {
  const time = numericDate.safeParse(claim);
  return time.success && holds(time.data * 1_000);
}

/** Unchecked: of a token endpoint's own response. @returns undefined where there are none. */
export function decodeClaims(idToken: string): unknown {
  const parts = idToken.split(".");
  if (parts.length !== 3) return undefined;
  try {
    return JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
