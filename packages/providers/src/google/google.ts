/**
 * Google as a provider of accounts: its endpoints, scopes and issuers (here), our OAuth client (`oauth-client.ts`), what
 * its responses mean (`classify-answer.ts`), and why a grant has probably ended (`explain-loss.ts`). What the standards
 * say of any provider is in `../oauth`. The Calendar API is called by apps/mcp-calendar (`calendars/google/`).
 */

/**
 * Google's endpoints and our scopes, unless the configuration names others.
 * @see https://developers.google.com/identity/protocols/oauth2/web-server
 */
export const googleDefaults = {
  authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
  tokenUrl: "https://oauth2.googleapis.com/token",
  revocationUrl: "https://oauth2.googleapis.com/revoke",
  apiUrl: "https://www.googleapis.com",
  /** Space-separated. `openid email` give the id_token, which identifies the account. */
  scopes: "openid email https://www.googleapis.com/auth/calendar.events",
} as const;

/** Our OAuth client at Google, and Google's endpoints. */
export type GoogleClientConfig = {
  clientId: string;
  clientSecret: string;
  authorizationUrl: string;
  tokenUrl: string;
  revocationUrl: string;
  /** Space-separated. */
  scopes: string;
  /** Where this service is reached from outside, without a trailing slash. */
  publicUrl: string;
  /** How long one request to Google may take, in milliseconds. Default: 5,000. */
  timeoutMs?: number | undefined;
};

const issuers = ["https://accounts.google.com", "accounts.google.com"];

/**
 * The accepted issuers of id_tokens: Google's two spellings, and the origin of another server in Google's place.
 * @see https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
 */
export function googleIssuers(authorizationUrl: string): readonly string[] {
  const { origin } = new URL(authorizationUrl);
  return issuers.includes(origin) ? issuers : [...issuers, origin];
}

/** The scopes without which nothing is connected. @param scopes all requested ones, space-separated. */
export function requiredScopes(scopes: string): readonly string[] {
  return scopes.split(/\s+/).filter((scope) => scope.includes("/auth/calendar"));
}
