import { z } from "zod";

/** Who may have issued an id_token, for which client, and what time it is. */
export type IdTokenExpectation = {
  readonly issuers: readonly string[];
  readonly clientId: string;
  /** The provider's time in epoch milliseconds, as its answer tells it; our own clock may be hours off. */
  readonly now: number;
};

/** The check that an id_token failed: a claim, or `form` for one that can't be read. Safe to log. */
export type IdTokenCheck = "form" | "iss" | "aud" | "azp" | "exp" | "iat" | "sub";

export type IdTokenResult =
  | {
      readonly kind: "valid";
      /** `sub`: it stays when the address changes, and is never given to another account of the issuer. */
      readonly accountId: string;
      /** Of the account, where the id_token tells one. */
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
 * Checks an id_token that came straight from a token endpoint. The signature isn't checked: the TLS connection to the
 * token endpoint vouches for the issuer (item 6).
 * @see OpenID Connect Core 1.0, section 3.1.3.7
 */
export function checkIdToken(idToken: string, expected: IdTokenExpectation): IdTokenResult {
  const parsed = claimsSchema.safeParse(decodeClaims(idToken));
  if (!parsed.success) return { kind: "invalid", check: "form" };
  const claims = parsed.data;
  const failed = checks.find(([, holds]) => !holds(claims, expected));
  if (failed !== undefined) return { kind: "invalid", check: failed[0] };
  const { email, email_verified } = emailSchema.parse(claims);
  return { kind: "valid", accountId: String(claims.sub), email, isEmailVerified: email_verified === true };
}

type Claims = z.output<typeof claimsSchema>;

/** In the order of section 3.1.3.7: an id_token for somebody else fails as that, not by its age. */
const checks: [IdTokenCheck, (claims: Claims, expected: IdTokenExpectation) => boolean][] = [
  ["iss", ({ iss }, { issuers }) => typeof iss === "string" && issuers.includes(iss)],
  ["aud", ({ aud }, { clientId }) => isOnly(aud, clientId)],
  ["azp", ({ azp }, { clientId }) => azp === undefined || azp === clientId],
  ["exp", ({ exp }, { now }) => isTime(exp, (time) => time > now - skewMs)],
  ["iat", ({ iat }, { now }) => isTime(iat, (time) => time <= now + skewMs && time >= now - maxAgeMs)],
  ["sub", ({ sub }) => typeof sub === "string" && /^[\x21-\x7e]{1,255}$/.test(sub)],
];

/** A further audience is one that we don't trust, whatever `azp` says. */
function isOnly(audience: unknown, clientId: string): boolean {
  return Array.isArray(audience) ? audience.length === 1 && audience[0] === clientId : audience === clientId;
}

function isTime(claim: unknown, holds: (epochMs: number) => boolean): boolean {
  const time = numericDate.safeParse(claim);
  return time.success && holds(time.data * 1_000);
}

function decodeClaims(idToken: string): unknown {
  const parts = idToken.split(".");
  if (parts.length !== 3) return undefined;
  try {
    return JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
