import { z } from "zod";

/** Who may have made an id_token, for whom, and when it is. */
export type IdTokenExpectation = {
  readonly issuers: readonly string[];
  readonly clientId: string;
  /** The provider's time in epoch milliseconds, as its answer tells it; our own clock may be hours off. */
  readonly now: number;
};

/** Which check refused an id_token: the claim, or `form` for one that can't be read. Safe to log. */
export type IdTokenCheck = "form" | "iss" | "aud" | "azp" | "exp" | "iat" | "sub";

export type IdTokenVerdict =
  | {
      readonly kind: "valid";
      /** Google's `sub`: stays when the address changes, and is never given to another account. */
      readonly accountId: string;
      readonly address: Address;
    }
  | { readonly kind: "refused"; readonly check: IdTokenCheck };

/** The account's address, if the id_token tells one, and its owner has shown that it is theirs. */
export type Address = { readonly email?: string; readonly isVerified: boolean };

const googleIssuers = ["https://accounts.google.com", "accounts.google.com"];

const skewMs = 5 * 60_000;
const maxAgeMs = 24 * 3_600_000;

/** A NumericDate (RFC 7519, section 2) that JavaScript's `Date` can say too. */
const numericDate = z.number().min(0).max(8.64e12);

const claimsSchema = z.record(z.string(), z.unknown());

const addressSchema = z.object({
  email: z.email().optional().catch(undefined),
  // Left out, or anything but true: nobody has verified it.
  email_verified: z.literal(true).optional().catch(undefined),
});

/**
 * The issuers whose id_tokens count: Google's two spellings, and for another Google-shaped server its origin.
 * @see https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
 */
export function issuersOf(authorizationUrl: string): readonly string[] {
  const { origin } = new URL(authorizationUrl);
  return googleIssuers.includes(origin) ? googleIssuers : [...googleIssuers, origin];
}

/**
 * Checks an id_token that came straight from the token endpoint. Its signature isn't checked, because the
 * TLS connection vouches for it (OpenID Connect Core 1.0, section 3.1.3.7, item 6); its claims are.
 */
export function checkIdToken(idToken: string, expected: IdTokenExpectation): IdTokenVerdict {
  const parsed = claimsSchema.safeParse(decodeClaims(idToken));
  if (!parsed.success) return { kind: "refused", check: "form" };
  const claims = parsed.data;
  const failed = checks.find(([, holds]) => !holds(claims, expected));
  if (failed !== undefined) return { kind: "refused", check: failed[0] };
  const { email, email_verified } = addressSchema.parse(claims);
  const address = { isVerified: email_verified === true, ...(email !== undefined && { email }) };
  return { kind: "valid", accountId: String(claims.sub), address };
}

type Claims = z.output<typeof claimsSchema>;

/** In the order of the specification's list: an id_token of somebody else is named by that, not by its age. */
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
