/** A refusal of the token or revocation endpoint (RFC 6749 section 5.2), with Google's descriptions. */
export class OAuthError extends Error {
  readonly status: number;
  readonly body: { error: string; error_description: string };

  constructor(status: number, error: string, description: string) {
    super(description);
    this.name = "OAuthError";
    this.status = status;
    this.body = { error, error_description: description };
  }
}

/** What Google's token endpoint answers for a bare status, for faults that name no body. */
export function oauthErrorForStatus(status: number): OAuthError["body"] {
  if (status === 401) return new OAuthError(status, "invalid_client", "Unauthorized").body;
  if (status === 429) return new OAuthError(status, "rate_limit_exceeded", "Rate Limit Exceeded").body;
  if (status >= 500) return new OAuthError(status, "internal_failure", "Backend Error").body;
  return new OAuthError(status, "invalid_grant", "Bad Request").body;
}
