/** Proof Key for Code Exchange (RFC 7636): what it adds to the authorization request and to the exchange. */
export type Pkce = {
  /** @param codeChallenge of method S256. */
  challenge(codeChallenge: string): Readonly<Record<string, string>>;
  verifier(codeVerifier: string): Readonly<Record<string, string>>;
};

export const pkces = {
  S256: {
    challenge: (codeChallenge) => ({ code_challenge: codeChallenge, code_challenge_method: "S256" }),
    verifier: (codeVerifier) => ({ code_verifier: codeVerifier }),
  },
  // Some providers refuse it, or make the client a public one for good.
  none: { challenge: () => ({}), verifier: () => ({}) },
} satisfies Record<string, Pkce>;
