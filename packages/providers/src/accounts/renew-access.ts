import type { AccountAccess, AccountRenewalOutcome } from "./account-client.ts";
import { toTokens } from "./account-tokens.ts";
import { type ClientParts, valuesOf } from "./client-parts.ts";
import type { AccountRenewal, TokenResponseFields } from "./definition.ts";
import { standardTokenResponse } from "./registry/presets.ts";
import { toTokenRequest } from "./token-request.ts";
import { readTokenResponse } from "./token-response.ts";

/** Renews an access, by one request at the most. */
export function renewAccess(parts: ClientParts, access: AccountAccess): Promise<AccountRenewalOutcome> {
  const { renewal } = parts.provider;
  const renew = renewers[renewal.kind];
  return renew(parts, access, renewal as never);
}

const renewers: {
  readonly [Kind in AccountRenewal["kind"]]: (
    parts: ClientParts,
    access: AccountAccess,
    renewal: Extract<AccountRenewal, { kind: Kind }>,
  ) => Promise<AccountRenewalOutcome>;
} = {
  /** RFC 6749, section 6. */
  async refresh_token(parts, access, renewal) {
    const { grant } = parts.provider;
    if (access.refreshToken === null || grant.kind !== "authorization_code") return noRenewal;
    const parameters = {
      ...{ grant_type: "refresh_token", refresh_token: "{refresh_token}" },
      ...renewal.parameters,
    };
    return ask(parts, access, toTokenRequest(grant.token, parameters), grant.tokenResponse);
  },
  async exchange_access_token(parts, access, renewal) {
    const age = parts.now() - access.issuedAt.getTime();
    if (age < renewal.minimumAgeSeconds * 1_000) return { kind: "not_renewable", reason: "too_young" };
    return ask(parts, access, renewal.request, standardTokenResponse);
  },
  none: async () => noRenewal,
};

const noRenewal: AccountRenewalOutcome = { kind: "not_renewable", reason: "no_renewal" };

async function ask(
  parts: ClientParts,
  access: AccountAccess,
  request: ReturnType<typeof toTokenRequest>,
  fields: TokenResponseFields,
): Promise<AccountRenewalOutcome> {
  const { verdict, answer, cause } = await parts.ask(request, valuesOf(access), "refresh");
  if (verdict.kind !== "ok") return { ...verdict, retryAfterMs: answer?.retryAfterMs, cause };
  const response = readTokenResponse(answer?.body, fields);
  if (response === undefined) return { kind: "transient", reason: "unreadable answer" };
  const kept = { ...response, refreshToken: response.refreshToken ?? access.refreshToken };
  const tokens = toTokens(kept, parts.provider.renewal, parts.now());
  return { kind: "renewed", tokens: { ...tokens, facts: { ...access.facts, ...tokens.facts } } };
}
