import type { Grant } from "@cita/token-store";
import { z } from "zod";
import { checkIdToken, type IdTokenCheck, type IdTokenExpectation } from "./id-token.ts";

/** What came back from the code exchange, judged. Pure: it sends nothing and stores nothing. */
export type ExchangeVerdict =
  | { readonly kind: "granted"; readonly grant: Grant }
  | {
      readonly kind: "scope_missing" | "no_refresh_token";
      readonly accountEmail: string;
    }
  | {
      readonly kind: "exchange_failed";
      readonly accountEmail?: undefined;
      /** Which check it didn't pass. Safe to log. */
      readonly check?: "answer" | IdTokenCheck | "email" | "email_verified";
    }
  | { readonly kind: "wrong_account"; readonly accountEmail: string };

export type Expectation = {
  readonly idToken: IdTokenExpectation;
  /** Scopes asked for, space-separated. */
  readonly scopes: string;
  /** Whose account it must be; null: any. */
  readonly account: ExpectedAccount | null;
  /** Our own time, by which a token's expiry is kept. */
  readonly now: number;
};

/** Where its id is known, the address is only what to call it: it may have changed, and belong to another by now. */
export type ExpectedAccount = { readonly id: string | null; readonly email: string | null };

const exchanged = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive().default(3600),
  scope: z.string().default(""),
  id_token: z.string(),
});

/**
 * Checks who consented, and to what. Granular consent lets a person untick scopes, so the returned
 * scope counts and not the one asked for (RFC 6749, section 5.1; Google "granular permissions").
 */
export function judgeExchange(tokens: unknown, expected: Expectation): ExchangeVerdict {
  const parsed = exchanged.safeParse(tokens);
  if (!parsed.success) return { kind: "exchange_failed", check: "answer" };
  const { access_token, refresh_token, expires_in, scope, id_token } = parsed.data;
  const verdict = checkIdToken(id_token, expected.idToken);
  if (verdict.kind === "refused") return { kind: "exchange_failed", check: verdict.check };
  const { accountId, address } = verdict;
  const accountEmail = address.email;
  if (accountEmail === undefined) return { kind: "exchange_failed", check: "email" };
  if (!address.isVerified) return { kind: "exchange_failed", check: "email_verified" };
  if (expected.account !== null && !isExpected({ accountId, accountEmail }, expected.account)) {
    return { kind: "wrong_account", accountEmail };
  }
  if (!grantsCalendar(scope, expected.scopes)) return { kind: "scope_missing", accountEmail };
  if (refresh_token === undefined) return { kind: "no_refresh_token", accountEmail };
  const tokenExpiry = new Date(expected.now + expires_in * 1000);
  return {
    kind: "granted",
    grant: {
      accessToken: access_token,
      refreshToken: refresh_token,
      tokenExpiry,
      calendarEmail: accountEmail,
      accountId,
      scope,
    },
  };
}

function isExpected(chosen: { accountId: string; accountEmail: string }, expected: ExpectedAccount): boolean {
  if (expected.id !== null) return chosen.accountId === expected.id;
  return expected.email === null || isSameAddress(chosen.accountEmail, expected.email);
}

function grantsCalendar(granted: string, asked: string): boolean {
  const given = new Set(granted.split(" "));
  const calendarScopes = asked.split(/\s+/).filter((scope) => scope.includes("/auth/calendar"));
  return calendarScopes.every((scope) => given.has(scope));
}

/** Whether two addresses are one Google account: case never matters, and at gmail.com dots don't either. */
export function isSameAddress(a: string, b: string): boolean {
  return canonicalAddress(a) === canonicalAddress(b);
}

function canonicalAddress(address: string): string {
  const [local = "", domain = ""] = address.trim().toLowerCase().split("@");
  const isGmail = domain === "gmail.com" || domain === "googlemail.com";
  return isGmail ? `${local.replaceAll(".", "")}@gmail.com` : `${local}@${domain}`;
}
