import type { Values } from "@cita/providers/accounts";
import type { Grant, Grants, TokenState } from "../grants/grants.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import { AccountRefusal } from "../refusals/account-refusal.ts";

export type FoundGrant = { readonly grant: Grant; readonly issuedMs: number };

/**
 * The grant that a request is for: its token's or, where the client's own key is the credential, the one that its facts
 * name. Hosts and facts have to be those of the grant.
 * @throws AccountRefusal
 */
export function findGrant(grants: Grants, { id }: ProviderGroup, values: Values): FoundGrant {
  const state = stateOf(grants, id, values);
  if (state.kind !== "good") throw new AccountRefusal(state.kind);
  const { inputs, facts, groupId } = state.grant;
  if (groupId !== id || !agree(values, { ...inputs, ...facts })) throw new AccountRefusal("token_dead");
  return state;
}

function stateOf(grants: Grants, groupId: string, values: Values): TokenState {
  const { access_token, renewing_token, refresh_token } = values;
  if (access_token !== undefined) return grants.accessState(access_token);
  const renewing = renewing_token ?? refresh_token;
  if (renewing !== undefined) return grants.tokenState(renewing);
  const [grant] = grants.find(
    ({ groupId: own, facts }) => own === groupId && sharesAny(values, facts) && agree(values, facts),
  );
  return grant === undefined ? { kind: "token_dead" } : { kind: "good", grant, issuedMs: 0 };
}

/** Whether the values that both have are the same. */
export function agree(some: Values, others: Values): boolean {
  return Object.entries(some).every(([name, value]) => (others[name] ?? value) === value);
}

function sharesAny(some: Values, others: Values): boolean {
  return Object.keys(some).some((name) => name in others);
}
