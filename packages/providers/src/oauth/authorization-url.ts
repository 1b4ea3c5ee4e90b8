import type { Endpoints, Provider } from "../definition.ts";
import type { AuthorizationRequest } from "./provider-client.ts";

type ClientParts = {
  readonly provider: Provider;
  readonly endpoints: Endpoints;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
};

/** The authorization request (RFC 6749, section 4.1.1; RFC 7636, section 4.3). */
export function toAuthorizationUrl(
  { provider, endpoints, clientId, redirectUri, scopes }: ClientParts,
  { state, codeChallenge, loginHint }: AuthorizationRequest,
): URL {
  const { loginHintParameter } = provider;
  const url = new URL(endpoints.authorizationUrl);
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: scopes.join(provider.scopeSeparator),
    state,
    ...provider.pkce.challenge(codeChallenge),
    ...provider.authorizationParameters,
    ...(loginHint !== null && loginHintParameter !== null && { [loginHintParameter]: loginHint }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}
