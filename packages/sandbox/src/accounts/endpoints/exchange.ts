import type { RequestTemplate } from "@cita/providers/accounts";
import { jsonAnswer } from "../answer.ts";
import { newSecret } from "../grants/grants.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import { AccountRefusal } from "../refusals/account-refusal.ts";
import type { StandIn } from "../stand-in.ts";
import { successes } from "../successes.ts";
import { checkClient } from "../templates/credentials.ts";
import { readTemplate } from "../templates/read-template.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { findGrant } from "./find-grant.ts";

/** Gives an access token that lives longer for one that is good. The one before goes on until it expires. */
export function exchangeEndpoint(
  standIn: StandIn,
  group: ProviderGroup,
  template: RequestTemplate,
): Endpoint {
  const { lead } = group;
  const minimumAgeMs = minimumAgeOf(group, template) * 1_000;
  return {
    ...endpointAt(lead, template.method, template.url),
    fits: (incoming, urlValues) => readTemplate(template, incoming, urlValues).isExact,
    answer(incoming, urlValues) {
      const { values, isExact } = readTemplate(template, incoming, urlValues);
      if (!isExact) throw new AccountRefusal("request_wrong");
      checkClient(values);
      const { grant, issuedMs } = findGrant(standIn.grants, group, values);
      if (standIn.now() - issuedMs < minimumAgeMs) throw new AccountRefusal("request_wrong");
      const expires_in = group.settings.accessLifetime ?? lead.renewal.accessLifetimeSeconds;
      const access_token = newSecret(group.id, "access");
      standIn.grants.addAccessToken(grant, access_token, expires_in);
      const said = expires_in === null ? {} : { expires_in };
      return jsonAnswer({ ...successes[lead.dialect].oauth, access_token, token_type: "bearer", ...said });
    },
  };
}

/** In seconds. What comes right after the code's exchange has no age yet. */
function minimumAgeOf({ lead: { grant, renewal } }: ProviderGroup, template: RequestTemplate): number {
  if (renewal.kind !== "exchange_access_token") return 0;
  const isFirst = grant.kind === "authorization_code" && grant.exchanges.includes(template);
  return isFirst ? 0 : renewal.minimumAgeSeconds;
}
