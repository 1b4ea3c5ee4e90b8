import { createHash, randomBytes } from "node:crypto";

/** Our client at Google, and where its endpoints are. */
export type GoogleClientConfig = {
  clientId: string;
  clientSecret: string;
  authorizationUrl: string;
  tokenUrl: string;
  revocationUrl: string;
  /** Scopes, space-separated. */
  scopes: string;
  /** Where this service is reached from outside, without a trailing slash. */
  publicUrl: string;
  /** How long one request to Google may take. */
  timeoutMs?: number;
};

/** One authorization request: where the browser goes, and what it has to bring back. */
export type AuthorizationRequest = { readonly url: URL; readonly state: string; readonly verifier: string };

export function redirectUriOf({ publicUrl }: Pick<GoogleClientConfig, "publicUrl">): string {
  return `${publicUrl}/oauth/callback`;
}

/** An authorization request with a state (RFC 6749, section 10.12) and PKCE by S256 (RFC 7636) of its own. */
export function createAuthorizationRequest(
  client: Pick<GoogleClientConfig, "authorizationUrl" | "clientId" | "scopes" | "publicUrl">,
  loginHint: string | null,
): AuthorizationRequest {
  const state = randomBytes(24).toString("base64url");
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL(client.authorizationUrl);
  const parameters = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: redirectUriOf(client),
    scope: client.scopes.split(/\s+/).join(" "),
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    // Without both, a second consent brings no refresh token.
    access_type: "offline",
    prompt: "consent",
    ...(loginHint !== null && { login_hint: loginHint }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url, state, verifier };
}
