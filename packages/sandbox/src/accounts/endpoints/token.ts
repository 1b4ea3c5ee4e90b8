import type { AuthorizationCodeGrant, Values } from "@cita/providers/accounts";
import { type RequestParams, single } from "../../request-params.ts";
import { jsonAnswer } from "../answer.ts";
import { factsOf } from "../documents/account-document.ts";
import { rotations } from "../grants/rotations.ts";
import { lifetimesOf, type ProviderGroup } from "../provider-groups.ts";
import { AccountRefusal } from "../refusals/account-refusal.ts";
import type { StandIn } from "../stand-in.ts";
import { readParams } from "../templates/read-template.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { agree } from "./find-grant.ts";
import { readTokenRequest, verifierChecks } from "./token-request.ts";
import { giveTokens, type NewTokens } from "./token-response.ts";

const dayMs = 86_400_000;

/** The token endpoint (RFC 6749, section 3.2): the client, encoding and members are the definition's. */
export function tokenEndpoint(
  standIn: StandIn,
  group: ProviderGroup,
  grant: AuthorizationCodeGrant,
): Endpoint {
  const { token } = grant;
  const grantTypes: ReadonlyMap<string, (params: RequestParams, urlValues: Values) => NewTokens> = new Map([
    ["authorization_code", (params, urlValues) => exchangeCode(standIn, group, grant, params, urlValues)],
    ["refresh_token", (params) => renew(standIn, group, params)],
  ]);
  const grantTypeOf = (params: RequestParams) => grantTypes.get(single(params, "grant_type") ?? "");
  return {
    ...endpointAt(group.lead, token.method, token.url),
    fits: ({ query, body }) => grantTypeOf(query) !== undefined || grantTypeOf(body) !== undefined,
    answer(incoming, urlValues) {
      const params = readTokenRequest(token, incoming);
      const make = grantTypeOf(params);
      if (make === undefined) throw new AccountRefusal("request_wrong");
      const wrongClaims = standIn.wrongClaims.get(incoming.request);
      return jsonAnswer(giveTokens(standIn, group, grant, make(params, urlValues), wrongClaims));
    },
  };
}

/** RFC 6749, section 4.1.3. */
function exchangeCode(
  { grants, codes }: StandIn,
  group: ProviderGroup,
  { token, authorization }: AuthorizationCodeGrant,
  params: RequestParams,
  urlValues: Values,
): NewTokens {
  if (!readParams(token.parameters, params).isExact) throw new AccountRefusal("request_wrong");
  const allowed = codes.redeem(single(params, token.codeParameter) ?? "");
  const isFor =
    allowed?.groupId === group.id &&
    allowed.redirectUri === single(params, "redirect_uri") &&
    agree(urlValues, allowed.inputs) &&
    verifierChecks[authorization.pkce](single(params, "code_verifier"), allowed.codeChallenge);
  if (!isFor) throw new AccountRefusal("code_dead");
  const { account, scopes, inputs } = allowed;
  const seed = { groupId: group.id, account, inputs };
  const begun = grants.begin({ ...seed, scopes, facts: factsOf(group, seed) });
  const { traits, settings } = group;
  if (!(settings.givesRefreshTokens ?? traits.givesRefreshTokens))
    return { grant: begun, refreshToken: null };
  return { grant: begun, refreshToken: grants.giveRefreshToken(begun, lifetimesOf(group, true).refresh) };
}

/** RFC 6749, section 6. */
function renew({ grants }: StandIn, group: ProviderGroup, params: RequestParams): NewTokens {
  const { renewal } = group.lead;
  if (renewal.kind !== "refresh_token") throw new AccountRefusal("request_wrong");
  if (!readParams(renewal.parameters, params).isExact) throw new AccountRefusal("request_wrong");
  const token = single(params, "refresh_token") ?? "";
  const idleMs = (renewal.idleLimitDays ?? Number.POSITIVE_INFINITY) * dayMs;
  const grant = grants.useRefreshToken(token, idleMs);
  if (grant?.groupId !== group.id) throw new AccountRefusal("refresh_dead");
  const lifetime = lifetimesOf(group, true).refresh;
  const refreshToken = rotations[renewal.rotation](grants, { token, grant, lifetime });
  const isSaid = refreshToken !== token || group.traits.repeatsRefreshToken;
  return { grant, refreshToken, isRefreshTokenSaid: isSaid };
}
