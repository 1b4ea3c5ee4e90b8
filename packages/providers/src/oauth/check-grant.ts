import type { Grant, RefreshedTokens } from "@cita/token-store";
import { z } from "zod";
import type { Identity } from "../strategies/identity.ts";
import type { IdTokenCheck, IdTokenExpectation } from "./id-token.ts";

/** The result of checking the response to a code. */
export type GrantResult =
  | { readonly kind: "granted"; readonly grant: Grant }
  | {
      readonly kind: "scope_missing" | "no_refresh_token" | "wrong_account";
      readonly accountEmail: string;
    }
  | {
      readonly kind: "invalid_response";
      /** The check that the response has failed. Safe to log. */
      readonly check: "answer" | IdTokenCheck | "email" | "email_verified";
    };

export type ResponseExpectation = {
  /** How long an access may go without a renewal, in milliseconds; null: for ever. */
  readonly renewWithinMs: number | null;
  readonly identify: Identity;
  readonly idToken: IdTokenExpectation;
  /** Our own time in epoch milliseconds, from which `expires_in` counts. */
  readonly now: number;
};

export type GrantExpectation = ResponseExpectation & {
  /** The scopes without which nothing is connected. */
  readonly requiredScopes: readonly string[];
  readonly needsRefreshToken: boolean;
  /** Our own OAuth client. */
  readonly clientId: string;
  /** Whose account it must be; null: any. */
  readonly account: ExpectedAccount | null;
};

/** Where the id is known the address doesn't count, since another account may have it by now. */
export type ExpectedAccount = { readonly id: string | null; readonly email: string | null };

const codeResponse = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive().default(3600),
  refresh_token_expires_in: z.number().positive().optional().catch(undefined),
  scope: z.string().default(""),
});

/**
 * Checks which account has granted which scopes. People may untick scopes, so the granted scopes count, not the requested
 * ones.
 * @param body of the token endpoint's response to a code.
 * @see RFC 6749, section 5.1
 */
export function checkGrant(body: unknown, expected: GrantExpectation): GrantResult {
  const parsed = codeResponse.safeParse(body);
  if (!parsed.success) return { kind: "invalid_response", check: "answer" };
  const { access_token, refresh_token = null, expires_in, refresh_token_expires_in, scope } = parsed.data;
  const identity = expected.identify(body, expected.idToken);
  if (identity.kind === "invalid") return { kind: "invalid_response", check: identity.check };
  const { accountId, email: accountEmail, isEmailVerified } = identity;
  if (accountEmail === undefined) return { kind: "invalid_response", check: "email" };
  if (!isEmailVerified) return { kind: "invalid_response", check: "email_verified" };
  if (expected.account !== null && !isExpected({ accountId, accountEmail }, expected.account)) {
    return { kind: "wrong_account", accountEmail };
  }
  const granted = new Set(scope.split(/[ ,]+/));
  if (!expected.requiredScopes.every((required) => granted.has(required))) {
    return { kind: "scope_missing", accountEmail };
  }
  if (refresh_token === null && expected.needsRefreshToken) return { kind: "no_refresh_token", accountEmail };
  const grant: Grant = {
    accessToken: access_token,
    refreshToken: refresh_token,
    tokenExpiry: new Date(expected.now + expires_in * 1000),
    renewAt: renewalAfter(expected),
    accessEndsAt: endOf(refresh_token_expires_in, expected.now),
    clientId: expected.clientId,
    calendarEmail: accountEmail,
    accountId,
    scope,
  };
  return { kind: "granted", grant };
}

const refreshResponse = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
  refresh_token_expires_in: z.number().positive().optional().catch(undefined),
});

/**
 * Parses the response to a refresh. Without a valid identity (OpenID Connect Core 1.0, section 12.2) only the account id
 * is missing.
 * @returns undefined where it doesn't parse.
 * @see RFC 6749, sections 5.1 and 6
 */
export function toRefreshedTokens(body: unknown, expected: ResponseExpectation): RefreshedTokens | undefined {
  const parsed = refreshResponse.safeParse(body);
  if (!parsed.success) return undefined;
  const { access_token, expires_in, refresh_token, refresh_token_expires_in } = parsed.data;
  const identity = expected.identify(body, expected.idToken);
  const accessEndsAt = endOf(refresh_token_expires_in, expected.now);
  return {
    accessToken: access_token,
    tokenExpiry: new Date(expected.now + expires_in * 1000),
    renewAt: renewalAfter(expected),
    ...(accessEndsAt !== null && { accessEndsAt }),
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(identity.kind === "valid" && { accountId: identity.accountId }),
  };
}

function renewalAfter({ renewWithinMs, now }: ResponseExpectation): Date | null {
  return renewWithinMs === null ? null : new Date(now + renewWithinMs);
}

/** When a refresh token ends that was given with a lifetime, as where people may grant an access for some days only. */
function endOf(lifetimeSeconds: number | undefined, now: number): Date | null {
  return lifetimeSeconds === undefined ? null : new Date(now + lifetimeSeconds * 1000);
}

function isExpected(chosen: { accountId: string; accountEmail: string }, expected: ExpectedAccount): boolean {
  if (expected.id !== null) return chosen.accountId === expected.id;
  return expected.email === null || isSameAddress(chosen.accountEmail, expected.email);
}

/**
 * Whether two addresses are one mailbox. Case never matters, and at gmail.com dots don't either.
 * @see https://support.google.com/mail/answer/7436150
 */
export function isSameAddress(a: string, b: string): boolean {
  return canonicalAddress(a) === canonicalAddress(b);
}

function canonicalAddress(address: string): string {
  const [local = "", domain = ""] = address.trim().toLowerCase().split("@");
  const isGmail = domain === "gmail.com" || domain === "googlemail.com";
  return isGmail ? `${local.replaceAll(".", "")}@gmail.com` : `${local}@${domain}`;
}
