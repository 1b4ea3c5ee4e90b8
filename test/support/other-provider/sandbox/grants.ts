import { randomUUID } from "node:crypto";

type Grant = { readonly mail: string; readonly scope: string; isOver: boolean };
type AccessToken = { readonly grant: Grant; readonly endsAt: number };

export type Grants = ReturnType<typeof createGrants>;

const accessSeconds = 600;

/**
 * Who has let whom in. A refresh token is good once; whoever sends one that was used before ends the whole grant.
 * @see RFC 9700, section 4.14.2
 */
export function createGrants(now: () => number) {
  const grants = new Set<Grant>();
  const accessTokens = new Map<string, AccessToken>();
  const refreshTokens = new Map<string, { grant: Grant; isUsed: boolean }>();

  function issue(grant: Grant) {
    const accessToken = `at-${randomUUID()}`;
    const refreshToken = `rt-${randomUUID()}`;
    accessTokens.set(accessToken, { grant, endsAt: now() + accessSeconds * 1_000 });
    refreshTokens.set(refreshToken, { grant, isUsed: false });
    return {
      access_token: accessToken,
      refresh_token: refreshToken,
      expires_in: accessSeconds,
      refresh_token_expires_in: 90 * 86_400,
      scope: grant.scope,
    };
  }

  return {
    begin(mail: string, scope: string) {
      const grant = { mail, scope, isOver: false };
      grants.add(grant);
      return issue(grant);
    },
    /** @returns undefined where the grant is over, or is over now. */
    renew(refreshToken: string) {
      const known = refreshTokens.get(refreshToken);
      if (known === undefined || known.grant.isOver) return undefined;
      if (known.isUsed) {
        known.grant.isOver = true;
        return undefined;
      }
      known.isUsed = true;
      return { mail: known.grant.mail, tokens: issue(known.grant) };
    },
    /** Whose token it is, also of one that is no longer good. */
    mailOf: (token: string) => accessTokens.get(token)?.grant.mail ?? refreshTokens.get(token)?.grant.mail,
    /** @returns undefined where the token isn't good. */
    find(accessToken: string): { mail: string; scope: string } | undefined {
      const token = accessTokens.get(accessToken);
      return token === undefined || token.grant.isOver || token.endsAt <= now() ? undefined : token.grant;
    },
    expireAccessTokens(): number {
      const count = accessTokens.size;
      for (const [text, token] of accessTokens) accessTokens.set(text, { ...token, endsAt: 0 });
      return count;
    },
    /** The owner of an account, or of all, takes back what was granted. */
    end(mail?: string): number {
      const ended = [...grants].filter(
        (grant) => !grant.isOver && (mail === undefined || grant.mail === mail),
      );
      for (const grant of ended) grant.isOver = true;
      return ended.length;
    },
  };
}
