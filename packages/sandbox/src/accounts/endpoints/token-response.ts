import type { AuthorizationCodeGrant } from "@cita/providers/accounts";
import { type Entry, tokenFactEntries } from "../documents/account-document.ts";
import { makeIdToken } from "../documents/id-token.ts";
import { withPaths } from "../documents/with-path.ts";
import { type Grant, newSecret } from "../grants/grants.ts";
import type { TokenTraits } from "../grants/token-traits.ts";
import { lifetimesOf, type ProviderGroup } from "../provider-groups.ts";
import type { StandIn } from "../stand-in.ts";
import { successes } from "../successes.ts";
import { nameScope } from "./scope-names.ts";

export type NewTokens = {
  readonly grant: Grant;
  readonly refreshToken: string | null;
  /** Default: true. */
  readonly isRefreshTokenSaid?: boolean;
};

/** Gives an access token, and says so at the paths of the definition (RFC 6749, section 5.1). */
export function giveTokens(
  { grants, now, withoutAccount }: StandIn,
  group: ProviderGroup,
  { tokenResponse: at, authorization }: AuthorizationCodeGrant,
  { grant, refreshToken, isRefreshTokenSaid = true }: NewTokens,
  wrongClaims: Readonly<Record<string, unknown>> | undefined,
): object {
  const { traits, members, lead } = group;
  const { access, refresh } = lifetimesOf(group, refreshToken !== null);
  const accessToken = grants.addAccessToken(grant, newSecret(group.id, "access"), access);
  const isTold = !members.some(
    ({ id, identity }) => identity.source === "token_response" && withoutAccount.has(id),
  );
  const scopes = grant.scopes?.map((scope) => nameScope(lead.dialect, scope));
  const isScopeSaid = traits.saysScope && scopes !== undefined && scopes.length > 0;
  return withPaths(successes[lead.dialect].oauth, [
    ...(isTold ? tokenFactEntries(group, grant) : []),
    ...tokenEntries({
      [at.accessToken]: accessToken,
      [at.expiresIn]: expiresIn[traits.expiresIn](access),
      [at.tokenType]: traits.tokenType,
      [at.scope]: isScopeSaid ? scopes.join(authorization.scopeSeparator) : null,
      ...(refreshToken !== null &&
        isRefreshTokenSaid && { [at.refreshToken]: refreshToken, [at.refreshExpiresIn]: refresh }),
      id_token: makeIdToken(group, grant, now(), wrongClaims),
    }),
  ]);
}

const tokenEntries = (members: Readonly<Record<string, unknown>>): readonly Entry[] =>
  Object.entries(members);

const expiresIn = {
  said: (seconds) => seconds,
  omitted: () => null,
  zero: (seconds) => seconds ?? 0,
} satisfies Record<TokenTraits["expiresIn"], (seconds: number | null) => number | null>;
