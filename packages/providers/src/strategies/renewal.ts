/** The tokens of a connection. */
export type StoredTokens = { readonly accessToken: string; readonly refreshToken: string | null };

/** How access is renewed. */
export type Renewal = {
  /** Whether a grant without a refresh token isn't lasting. */
  readonly needsRefreshToken: boolean;
  /** The form of the request to the token endpoint; undefined: only a new consent helps. */
  toForm(tokens: StoredTokens): Readonly<Record<string, string>> | undefined;
};

export const renewals = {
  /** RFC 6749, section 6. */
  refresh_token: {
    needsRefreshToken: true,
    toForm: ({ refreshToken }) =>
      refreshToken === null ? undefined : { grant_type: "refresh_token", refresh_token: refreshToken },
  },
  /** The access ends with its token. */
  none: { needsRefreshToken: false, toForm: () => undefined },
} satisfies Record<string, Renewal>;
