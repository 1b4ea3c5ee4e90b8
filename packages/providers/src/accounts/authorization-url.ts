import { atProviderHosts } from "../client-variables.ts";
import { pkces } from "../strategies/pkce.ts";
import type { AccountAuthorization } from "./account-client.ts";
import type { ClientParts } from "./client-parts.ts";
import type { AuthorizationCodeGrant, KeyDeliveryGrant } from "./definition.ts";
import { fillFields, fillUrl, withQuery } from "./fill-template.ts";

/** The authorization request (RFC 6749, section 4.1.1), or what stands in its place. @throws TemplateError */
export function toAccountAuthorizationUrl(
  parts: ClientParts,
  request: AccountAuthorization,
  hostsAt: string | undefined,
): URL | undefined {
  const { grant } = parts.provider;
  const url = toUrl[grant.kind];
  const made = url?.(parts, grant as never, request);
  return made === undefined ? undefined : new URL(atProviderHosts(made, hostsAt));
}

const toUrl: {
  readonly [Kind in ClientParts["provider"]["grant"]["kind"]]:
    | ((
        parts: ClientParts,
        grant: Extract<ClientParts["provider"]["grant"], { kind: Kind }>,
        request: AccountAuthorization,
      ) => string)
    | undefined;
} = {
  authorization_code: toCodeUrl,
  key_delivery: toDeliveryUrl,
  api_key: undefined,
  hook_url: undefined,
};

function toCodeUrl(
  { values, clientId, redirectUri }: ClientParts,
  { authorization }: AuthorizationCodeGrant,
  { state, codeChallenge, scopes, inputs, loginHint }: AccountAuthorization,
): string {
  const { insteadOfScope: instead, scopeParameter, loginHintParameter } = authorization;
  const filled = { ...values, ...inputs };
  const isReplaced = instead !== null && (values[instead.setting] ?? "") !== "";
  return withQuery(fillUrl(authorization.url, filled), {
    response_type: "code",
    [authorization.clientIdParameter]: clientId,
    redirect_uri: redirectUri,
    ...(isReplaced && fillFields(instead.parameters, filled)),
    ...(!isReplaced &&
      scopeParameter !== null && { [scopeParameter]: scopes.join(authorization.scopeSeparator) }),
    state,
    ...pkces[authorization.pkce].challenge(codeChallenge),
    ...fillFields(authorization.parameters, filled),
    ...(loginHint !== null && loginHintParameter !== null && { [loginHintParameter]: loginHint }),
  });
}

function toDeliveryUrl(
  { values, redirectUri }: ClientParts,
  { authorization }: KeyDeliveryGrant,
  { state, inputs, operator, deliveryUrl }: AccountAuthorization,
): string {
  const own = { state, operator, return_url: redirectUri, delivery_url: deliveryUrl };
  const filled = { ...values, ...inputs, ...own };
  return withQuery(fillUrl(authorization.url, filled), fillFields(authorization.query, filled));
}
