import type { StoredTokens } from "./renewal.ts";

/** How a grant is revoked: the form of the request; null: the provider has no revocation. */
export type Revocation = ((tokens: StoredTokens) => Readonly<Record<string, string>>) | null;

export const revocations = {
  /** RFC 7009, section 2.1, without the client's credentials: the token says whose it is. */
  token_alone: ({ accessToken, refreshToken }) => ({ token: refreshToken ?? accessToken }),
  none: null,
} satisfies Record<string, Revocation>;
