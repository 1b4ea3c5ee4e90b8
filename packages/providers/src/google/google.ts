/**
 * Google as a provider of accounts: its endpoints, scopes and issuers, which are data, and in the files beside this one
 * its few differences: how our client asks it (`oauth-client.ts`), what its answers mean (`classify-answer.ts`), and why
 * a grant has probably ended (`explain-loss.ts`). What the standards say of any provider is in `../oauth`; the calendar
 * itself is called by apps/mcp-calendar (`calendars/`).
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
  /** Space-separated. `openid email` bring the id_token, by which an account is known. */
  scopes: "openid email https://www.googleapis.com/auth/calendar.events",
} as const;

/** Our client at Google, and where its endpoints are. */
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
 * The issuers whose id_tokens count: Google's two spellings, and for another Google-shaped server its origin.
 * @see https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
 */
export function googleIssuers(authorizationUrl: string): readonly string[] {
  const { origin } = new URL(authorizationUrl);
  return issuers.includes(origin) ? issuers : [...issuers, origin];
}

/** Of the scopes asked for, space-separated: those without which nothing is connected. */
export function requiredScopes(scopes: string): readonly string[] {
  return scopes.split(/\s+/).filter((scope) => scope.includes("/auth/calendar"));
}
