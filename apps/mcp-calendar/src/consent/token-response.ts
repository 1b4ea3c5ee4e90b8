import type { Grant } from "@cita/token-store";
import { z } from "zod";

/** What came back from the code exchange, judged. Pure: it sends nothing and stores nothing. */
export type ExchangeVerdict =
  | { readonly kind: "granted"; readonly grant: Grant }
  | {
      readonly kind: "scope_missing" | "no_refresh_token" | "exchange_failed";
      readonly accountEmail?: string;
    }
  | { readonly kind: "wrong_account"; readonly accountEmail: string };

export type Expectation = {
  readonly clientId: string;
  /** Scopes asked for, space-separated. */
  readonly scopes: string;
  /** Whose account it must be; null: any. */
  readonly account: ExpectedAccount | null;
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

const idTokenClaims = z.object({
  aud: z.union([z.string(), z.array(z.string())]),
  sub: z.string().min(1).max(255),
  email: z.email(),
  email_verified: z.boolean().optional(),
});

/**
 * Checks who consented, and to what. Granular consent lets a person untick scopes, so the returned
 * scope counts and not the one asked for (RFC 6749, section 5.1; Google "granular permissions").
 */
export function judgeExchange(tokens: unknown, expected: Expectation): ExchangeVerdict {
  const parsed = exchanged.safeParse(tokens);
  if (!parsed.success) return { kind: "exchange_failed" };
  const { access_token, refresh_token, expires_in, scope, id_token } = parsed.data;
  const identity = identityOf(id_token, expected.clientId);
  if (identity === undefined) return { kind: "exchange_failed" };
  const { email: accountEmail, sub: accountId } = identity;
  if (expected.account !== null && !isExpected(identity, expected.account)) {
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

function isExpected({ sub, email }: z.output<typeof idTokenClaims>, account: ExpectedAccount): boolean {
  if (account.id !== null) return sub === account.id;
  return account.email === null || isSameAddress(email, account.email);
}

/**
 * Who it is, by an id_token. It came straight from the token endpoint over TLS, so its signature need
 * not be checked (OpenID Connect Core, section 3.1.3.7, item 6); that it was made for us must be.
 */
function identityOf(idToken: string, clientId: string): z.output<typeof idTokenClaims> | undefined {
  const claims = idTokenClaims.safeParse(decodeClaims(idToken));
  if (!claims.success || claims.data.email_verified === false) return undefined;
  return [claims.data.aud].flat().includes(clientId) ? claims.data : undefined;
}

function decodeClaims(idToken: string): unknown {
  try {
    return JSON.parse(Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
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
