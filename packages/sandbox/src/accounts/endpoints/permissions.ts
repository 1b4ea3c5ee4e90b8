import type { PermissionList } from "@cita/providers/accounts";
import { jsonAnswer } from "../answer.ts";
import { withPaths } from "../documents/with-path.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import type { StandIn } from "../stand-in.ts";
import { checkClient } from "../templates/credentials.ts";
import { readTemplate } from "../templates/read-template.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { findGrant } from "./find-grant.ts";

/** Lists what a person has granted, and what they have unticked. */
export function permissionsEndpoint(
  { grants }: StandIn,
  group: ProviderGroup,
  { request: template, list, scope, state, granted }: PermissionList,
): Endpoint {
  return {
    ...endpointAt(group.lead, template.method, template.url),
    answer(incoming, urlValues) {
      const { values } = readTemplate(template, incoming, urlValues);
      checkClient(values);
      const { scopes } = findGrant(grants, group, values).grant;
      const told = (scopes ?? []).flatMap((name, at): [string, string][] => [
        [`${list}[${at}].${scope}`, name],
        [`${list}[${at}].${state}`, granted],
      ]);
      return jsonAnswer(withPaths({ [list]: [] }, told));
    },
  };
}
