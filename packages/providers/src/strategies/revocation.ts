import type { StoredTokens } from "./renewal.ts";

/** How a grant is revoked: the form of the request; null: the provider has no revocation. */
export type Revocation = ((tokens: StoredTokens) => Readonly<Record<string, string>>) | null;

export const revocations = {
  rfc7009: ({ accessToken, refreshToken }) => ({ token: refreshToken ?? accessToken }),
  none: null,
} satisfies Record<string, Revocation>;
