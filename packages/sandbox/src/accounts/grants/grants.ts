import { randomBytes } from "node:crypto";
import type { Values } from "@cita/providers/accounts";

/** What one consent of an account gives: its tokens end with it. */
export type Grant = {
  /** Of which group of providers. */
  readonly groupId: string;
  readonly account: string;
  /** Null: they were not asked for, but are chosen in the app's settings. */
  readonly scopes: readonly string[] | null;
  readonly inputs: Values;
  /** What its tokens tell besides, by the names of the placeholders. */
  readonly facts: Values;
};

type Token = { readonly grant: Grant; readonly issuedMs: number; readonly expiresMs: number };

type RefreshToken = Token & {
  /** When it was last used or, before that, given. */
  usedMs: number;
  /** The token that it was given for, and ends with its first use. */
  readonly replaces: string | undefined;
};

/** `issuedMs`: in epoch milliseconds. */
export type TokenState =
  | { readonly kind: "good"; readonly grant: Grant; readonly issuedMs: number }
  | { readonly kind: "token_expired" | "token_dead" };

export type Grants = ReturnType<typeof createGrants>;

/** Grants and tokens of all providers, in memory. @param now in epoch milliseconds */
export function createGrants(now: () => number) {
  const grants = new Set<Grant>();
  const accessTokens = new Map<string, Token>();
  const refreshTokens = new Map<string, RefreshToken>();

  const expiry = (seconds: number | null) =>
    seconds === null ? Number.POSITIVE_INFINITY : now() + seconds * 1_000;
  const toToken = (grant: Grant, seconds: number | null): Token => ({
    ...{ grant, issuedMs: now(), expiresMs: expiry(seconds) },
  });

  function stateOf(token: Token | undefined): TokenState {
    if (token === undefined || !grants.has(token.grant)) return { kind: "token_dead" };
    if (token.expiresMs <= now()) return { kind: "token_expired" };
    return { kind: "good", grant: token.grant, issuedMs: token.issuedMs };
  }

  return {
    begin(grant: Grant): Grant {
      grants.add(grant);
      return grant;
    },
    /** @param token what it is to be. @param seconds how long it lives; null: it doesn't expire */
    addAccessToken(grant: Grant, token: string, seconds: number | null): string {
      accessTokens.set(token, toToken(grant, seconds));
      return token;
    },
    giveRefreshToken(grant: Grant, seconds: number | null, replaces?: string): string {
      const token = newSecret(grant.groupId, "refresh");
      refreshTokens.set(token, { ...toToken(grant, seconds), usedMs: now(), replaces });
      return token;
    },
    accessState: (token: string) => stateOf(accessTokens.get(token)),
    /** Of a token of either kind. */
    tokenState: (token: string) => stateOf(accessTokens.get(token) ?? refreshTokens.get(token)),
    isKnown: (token: string) => accessTokens.has(token),
    /** Uses a refresh token. @param idleMs how long it may be unused. @returns undefined where it isn't good */
    useRefreshToken(token: string, idleMs: number): Grant | undefined {
      const known = refreshTokens.get(token);
      if (known === undefined || stateOf(known).kind !== "good") return undefined;
      if (now() - known.usedMs >= idleMs) return undefined;
      known.usedMs = now();
      if (known.replaces !== undefined) refreshTokens.delete(known.replaces);
      return known.grant;
    },
    endRefreshToken(token: string): void {
      refreshTokens.delete(token);
    },
    find: (isMeant: (grant: Grant) => boolean) => [...grants].filter(isMeant),
    end(ended: readonly Grant[]): number {
      for (const grant of ended) grants.delete(grant);
      return ended.length;
    },
    /** Whose token it is, also of one that isn't good any more. */
    ownerOf: (token: string) => (accessTokens.get(token) ?? refreshTokens.get(token))?.grant.account,
    /** @returns how many were good. */
    expireAccessTokens(groupId: string): number {
      const living = [...accessTokens].filter(
        ([, token]) => token.grant.groupId === groupId && stateOf(token).kind === "good",
      );
      for (const [text, token] of living) accessTokens.set(text, { ...token, expiresMs: now() });
      return living.length;
    },
  };
}

/** A text that nobody guesses, and that a leak shows for what it is. */
export function newSecret(groupId: string, kind: "access" | "refresh" | "code"): string {
  return `sandbox-${groupId}-${kind}-${randomBytes(24).toString("base64url")}`;
}
