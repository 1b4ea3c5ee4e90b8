import type { AccountProvider, RequestTemplate, Values } from "@cita/providers/accounts";
import { jsonAnswer } from "../answer.ts";
import { identityEntries } from "../documents/account-document.ts";
import type { AccountSeed } from "../documents/account-shapes.ts";
import { withPaths } from "../documents/with-path.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import { AccountRefusal } from "../refusals/account-refusal.ts";
import type { StandIn } from "../stand-in.ts";
import { successes } from "../successes.ts";
import { checkClient } from "../templates/credentials.ts";
import { readTemplate } from "../templates/read-template.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { findGrant } from "./find-grant.ts";
import { admitKey } from "./given-keys.ts";

/** A call with an access token, of the identity or the probe: it answers what the provider tells of the account. */
export function callEndpoint(
  standIn: StandIn,
  group: ProviderGroup,
  provider: AccountProvider,
  template: RequestTemplate,
): Endpoint {
  return {
    ...endpointAt(provider, template.method, template.url),
    fits: (incoming, urlValues) => readTemplate(template, incoming, urlValues).isExact,
    answer(incoming, urlValues) {
      const { values, hasHeaders } = readTemplate(template, incoming, urlValues);
      // Another query asks for other fields; without its headers no call is taken.
      if (!hasHeaders) throw new AccountRefusal("request_wrong");
      checkClient(values);
      const seed = isOpen(template) ? openSeed(group, values) : grantSeed(standIn, group, provider, values);
      const told = hasAccount(standIn, group, template) ? identityEntries(provider, seed) : [];
      return jsonAnswer(withPaths(successes[provider.dialect].call, told));
    },
  };
}

/** Facebook's two ask at one URL: it answers neither of them where either has nothing. */
function hasAccount(
  { withoutAccount }: StandIn,
  { members }: ProviderGroup,
  { url }: RequestTemplate,
): boolean {
  return !members.some(
    ({ id, identity }) =>
      withoutAccount.has(id) && identity.source === "request" && identity.request.url === url,
  );
}

/** Whether anybody may ask, as a shop's front page. */
function isOpen({ authentication, url, query, headers, body }: RequestTemplate): boolean {
  const fields = JSON.stringify({ url, query, headers, body });
  return authentication === "none" && !/\{(?:access|refresh|renewing)_token\}/.test(fields);
}

/** Of what is at a place, whoever's it is. */
function openSeed({ id }: ProviderGroup, values: Values): AccountSeed {
  return { groupId: id, account: Object.values(values).join(" "), inputs: values };
}

function grantSeed(
  standIn: StandIn,
  group: ProviderGroup,
  provider: AccountProvider,
  values: Values,
): AccountSeed {
  admitKey(standIn, group, values.access_token);
  const { grant } = findGrant(standIn.grants, group, values);
  const { scopes } = grant;
  const isAllowed = scopes === null || provider.identityScopes.every((scope) => scopes.includes(scope));
  if (!isAllowed) throw new AccountRefusal("scope_missing");
  return grant;
}
