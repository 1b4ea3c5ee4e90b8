import { randomBytes } from "node:crypto";
import {
  type AccessSession,
  type CodeBinding,
  emptyRecords,
  enterRefreshToken,
  type Grant,
  type GrantsSnapshot,
  grantFor,
  grantKey,
  type Issued,
  type RefreshSession,
  restoreRecords,
  snapshotOf,
} from "./grant-records.ts";

/** Authorization codes, tokens and the grants that they belong to. */
export type Grants = {
  /** Whether this account has a grant for this client. */
  hasConsented(email: string, clientId: string): boolean;
  /** The scopes of that grant, for `include_granted_scopes`. */
  consentedScopes(email: string, clientId: string): ReadonlySet<string>;
  issueCode(binding: CodeBinding): string;
  /** Takes a code: it works once, for ten minutes. */
  redeemCode(code: string): CodeBinding | undefined;
  issueAccessToken(session: AccessSession, clientId: string): string;
  /** @param replaces where refresh tokens rotate: the token before, which ends when the new one is used. */
  issueRefreshToken(session: AccessSession, clientId: string, replaces?: string): string;
  findAccessToken(token: string): AccessSession | undefined;
  /** Whose access or refresh token it is, without using it. */
  ownerOf(token: string): string | undefined;
  /** Looks up a refresh token to use it: that ends the one it replaced. */
  useRefreshToken(token: string): RefreshSession | undefined;
  /** Ends the whole grant that an access or refresh token belongs to; false where there is none. */
  revokeToken(token: string): boolean;
  /** Ends every grant of an account; the number of them. */
  revokeAccount(email: string): number;
  /** Makes every access token expired; the number of them. */
  expireAccessTokens(): number;
  snapshot(): GrantsSnapshot;
};

/** Google's own `expires_in`. */
export const ACCESS_TOKEN_SECONDS = 3599;
const CODE_MS = 10 * 60_000;
/** https://developers.google.com/identity/protocols/oauth2#expiration */
const REFRESH_TOKENS_PER_GRANT = 100;

/** No grants yet, or those a snapshot was taken of. */
export function createGrants(now: () => number, earlier?: GrantsSnapshot): Grants {
  const records = earlier ? restoreRecords(earlier) : emptyRecords();
  const { grants, codes, accessTokens, refreshTokens } = records;

  function end(grant: Grant): void {
    grant.ended = true;
    grants.delete(grantKey(grant.email, grant.clientId));
    for (const token of grant.refreshTokens) refreshTokens.delete(token);
  }

  function dropRefreshToken(token: string): void {
    refreshTokens.get(token)?.grant.refreshTokens.delete(token);
    refreshTokens.delete(token);
  }

  function live<T>(issued: Issued<T> | undefined): Issued<T> | undefined {
    return issued && !issued.grant.ended && issued.expiresMs > now() ? issued : undefined;
  }

  return {
    hasConsented: (email, clientId) => grants.has(grantKey(email, clientId)),
    consentedScopes: (email, clientId) => grants.get(grantKey(email, clientId))?.scopes ?? new Set(),
    issueCode(binding) {
      const code = `4/0A${randomBytes(32).toString("base64url")}`;
      const grant = grantFor(records, binding, binding.clientId);
      forgetExpired(codes, now());
      codes.set(code, { ...binding, grant, expiresMs: now() + CODE_MS });
      return code;
    },
    redeemCode(code) {
      const binding = codes.get(code);
      codes.delete(code);
      return live(binding);
    },
    issueAccessToken({ email, scopes }, clientId) {
      const token = `ya29.a0${randomBytes(48).toString("base64url")}`;
      const grant = grantFor(records, { email, scopes }, clientId);
      forgetExpired(accessTokens, now());
      accessTokens.set(token, { email, scopes, grant, expiresMs: now() + ACCESS_TOKEN_SECONDS * 1000 });
      return token;
    },
    issueRefreshToken({ email, scopes }, clientId, replaces) {
      const token = `1//0${randomBytes(48).toString("base64url")}`;
      const grant = enterRefreshToken(records, token, { email, scopes, clientId, replaces });
      const [oldest] = grant.refreshTokens;
      if (grant.refreshTokens.size > REFRESH_TOKENS_PER_GRANT && oldest) dropRefreshToken(oldest);
      return token;
    },
    findAccessToken: (token) => live(accessTokens.get(token)),
    ownerOf: (token) => (accessTokens.get(token) ?? refreshTokens.get(token))?.email,
    useRefreshToken(token) {
      const session = live(refreshTokens.get(token));
      if (session?.replaces !== undefined) dropRefreshToken(session.replaces);
      return session;
    },
    revokeToken(token) {
      const issued = live(accessTokens.get(token)) ?? live(refreshTokens.get(token));
      if (issued) end(issued.grant);
      return issued !== undefined;
    },
    revokeAccount(email) {
      const ending = [...grants.values()].filter((grant) => grant.email === email);
      for (const grant of ending) end(grant);
      return ending.length;
    },
    expireAccessTokens() {
      const count = [...accessTokens.values()].filter(live).length;
      accessTokens.clear();
      return count;
    },
    snapshot: () => snapshotOf(records),
  };
}

/** Everything in one map lives equally long, so what expired is at its front. */
function forgetExpired(issued: Map<string, { expiresMs: number }>, nowMs: number): void {
  for (const [token, { expiresMs }] of issued) {
    if (expiresMs > nowMs) break;
    issued.delete(token);
  }
}
