import {
  type AccountProvider,
  type AuthorizationCodeGrant,
  type JsonPath,
  readFacts,
  type Values,
} from "@cita/providers/accounts";
import type { ProviderGroup } from "../provider-groups.ts";
import { type AccountSeed, factOf, idsOf } from "./account-shapes.ts";
import { withPaths } from "./with-path.ts";

/** A value of a document, and where it stands. */
export type Entry = readonly [path: JsonPath, value: unknown];

/** What a provider tells of an account, at the paths of the definition's identity. */
export function identityEntries({ id, identity }: AccountProvider, seed: AccountSeed): readonly Entry[] {
  if (identity.source === "input") return [];
  const ids = idsOf(id, seed, identity.id.length);
  return [
    ...factEntries(id, seed, identity.facts),
    ...identity.name.slice(0, 1).map((path): Entry => [path, nameOf(seed)]),
    ...identity.email.slice(0, 1).map((path): Entry => [path, emailOf(seed)]),
    // Last: an id may be the name as well.
    ...identity.id.map((path, i): Entry => [path, ids[i]]),
  ];
}

/** What a token response tells besides the tokens. */
export function tokenFactEntries({ id, members, lead }: ProviderGroup, seed: AccountSeed): readonly Entry[] {
  const tellers = members.filter(({ identity }) => identity.source === "token_response");
  return [
    ...factEntries(id, seed, tokenFacts(lead)),
    ...tellers.flatMap((member) => identityEntries(member, seed)),
  ];
}

/** The values that requests for an account's grant have besides its token. */
export function factsOf(group: ProviderGroup, seed: AccountSeed): Values {
  const ofMembers = group.members.map((member) => {
    const { identity } = member;
    if (identity.source === "input") return {};
    return readFacts(withPaths({}, identityEntries(member, seed)), identity.facts);
  });
  const told = readFacts(withPaths({}, tokenFactEntries(group, seed)), tokenFacts(group.lead));
  return Object.assign({}, told, ...ofMembers);
}

type Facts = AuthorizationCodeGrant["tokenResponse"]["facts"];

function tokenFacts({ grant }: AccountProvider): Facts {
  return grant.kind === "authorization_code" ? grant.tokenResponse.facts : {};
}

function factEntries(providerId: string, seed: AccountSeed, facts: Facts = {}): readonly Entry[] {
  return Object.entries(facts).map(([name, at]) =>
    typeof at === "string"
      ? [at, factOf(providerId, seed, name, false)]
      : [at.hostOf, `https://${factOf(providerId, seed, name, true)}`],
  );
}

/** Ana, of ana@example.com. */
function nameOf({ account }: AccountSeed): string {
  const [local = account] = account.split("@");
  return local.charAt(0).toUpperCase() + local.slice(1);
}

function emailOf({ account }: AccountSeed): string {
  return account.includes("@") ? account : `${account}@example.com`;
}
