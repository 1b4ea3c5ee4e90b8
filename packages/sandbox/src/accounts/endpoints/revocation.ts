import type { AccountProvider, AccountRevocation, Values } from "@cita/providers/accounts";
import { jsonAnswer } from "../answer.ts";
import type { Grant, Grants } from "../grants/grants.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import { AccountRefusal } from "../refusals/account-refusal.ts";
import type { StandIn } from "../stand-in.ts";
import { successes } from "../successes.ts";
import { checkClient } from "../templates/credentials.ts";
import { readTemplate } from "../templates/read-template.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { agree, findGrant } from "./find-grant.ts";

/** Ends an access as far as the provider does. RFC 7009, or what stands in its place. */
export function revocationEndpoint(
  { grants }: StandIn,
  group: ProviderGroup,
  provider: AccountProvider,
  { request: template, effect }: AccountRevocation,
): Endpoint {
  return {
    ...endpointAt(provider, template.method, template.url),
    answer(incoming, urlValues) {
      const { values, isExact } = readTemplate(template, incoming, urlValues);
      if (!isExact) throw new AccountRefusal("request_wrong");
      checkClient(values);
      grants.end(effects[effect](grants, findRevocable(grants, group, values)));
      return jsonAnswer(successes[provider.dialect].oauth);
    },
  };
}

function findRevocable(grants: Grants, group: ProviderGroup, values: Values): Grant {
  try {
    return findGrant(grants, group, values).grant;
  } catch {
    throw new AccountRefusal("revoke_dead");
  }
}

/** What ends with an access. */
const effects = {
  token: (_grants, grant) => [grant],
  grant: (grants, { groupId, account }) =>
    grants.find((one) => one.groupId === groupId && one.account === account),
  uninstall: (grants, { groupId, inputs }) =>
    grants.find((one) => one.groupId === groupId && agree(one.inputs, inputs)),
} satisfies Record<AccountRevocation["effect"], (grants: Grants, grant: Grant) => readonly Grant[]>;
