/** What a provider refuses, whatever its words for it are. */
export type RefusalKind =
  /** The access token was good. */
  | "token_expired"
  /** The access was ended, or the token is of nobody. */
  | "token_dead"
  | "scope_missing"
  /** The authorization code is of nobody, was used, or is for another request. */
  | "code_dead"
  | "refresh_dead"
  /** There is nothing to revoke. */
  | "revoke_dead"
  /** Id or secret of our client. */
  | "client_wrong"
  | "request_wrong"
  | "rate_limited"
  | "server_error";

/** One answer by which a provider refuses. */
export type Spelling = {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
};

/** How a dialect spells each refusal: the first is what the sandbox answers, all are met at the provider. */
export type Spellings = Readonly<Record<RefusalKind, readonly [Spelling, ...Spelling[]]>>;
