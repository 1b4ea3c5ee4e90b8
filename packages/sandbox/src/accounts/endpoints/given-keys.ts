import { factsOf } from "../documents/account-document.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import type { StandIn } from "../stand-in.ts";

/** Whose the keys are that nobody has made. */
export const defaultAccount = "ana@example.com";

/** Makes a key that a person gives, of an account. @returns false where it can't be one by its pattern */
export function makeKey({ grants }: StandIn, group: ProviderGroup, key: string, account: string): boolean {
  const { grant, inputs } = group.lead;
  if (grant.kind !== "api_key") return false;
  const input = inputs.find(({ name }) => name === grant.input);
  if (input?.pattern.test(key) !== true) return false;
  const seed = { groupId: group.id, account, inputs: {} };
  const made = grants.begin({ ...seed, scopes: null, facts: factsOf(group, seed) });
  grants.addAccessToken(made, key, null);
  return true;
}

/** A key that has `sandbox` in it needs no making. Once its access was ended, it stays so. */
export function admitKey(standIn: StandIn, group: ProviderGroup, key: string | undefined): void {
  if (key === undefined || !key.includes("sandbox") || standIn.grants.isKnown(key)) return;
  makeKey(standIn, group, key, defaultAccount);
}
