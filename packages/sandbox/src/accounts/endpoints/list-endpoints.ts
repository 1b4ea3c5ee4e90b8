import type { AccountProvider } from "@cita/providers/accounts";
import type { ProviderGroup } from "../provider-groups.ts";
import type { StandIn } from "../stand-in.ts";
import { authorizationEndpoints } from "./authorization.ts";
import { callEndpoint } from "./call.ts";
import type { Endpoint } from "./endpoint.ts";
import { exchangeEndpoint } from "./exchange.ts";
import { hookEndpoint } from "./hook.ts";
import { keyDeliveryEndpoints } from "./key-delivery.ts";
import { permissionsEndpoint } from "./permissions.ts";
import { revocationEndpoint } from "./revocation.ts";
import { tokenEndpoint } from "./token.ts";

/** All endpoints of the sandbox's providers: those of fixed hosts, and then those that any host may be. */
export function listEndpoints(standIn: StandIn): readonly Endpoint[] {
  const all = standIn.groups.flatMap((group) => [
    ...grantEndpoints(standIn, group),
    ...group.members.flatMap((member) => memberEndpoints(standIn, group, member)),
  ]);
  return [...all.filter(({ isAnyHost }) => !isAnyHost), ...all.filter(({ isAnyHost }) => isAnyHost)];
}

type Grant = AccountProvider["grant"];

const byGrant: {
  readonly [Kind in Grant["kind"]]: (
    standIn: StandIn,
    group: ProviderGroup,
    grant: Extract<Grant, { kind: Kind }>,
  ) => readonly Endpoint[];
} = {
  authorization_code: (standIn, group, grant) => [
    ...authorizationEndpoints(standIn, group, grant),
    tokenEndpoint(standIn, group, grant),
    ...grant.exchanges.map((template) => exchangeEndpoint(standIn, group, template)),
    ...(grant.permissions === undefined ? [] : [permissionsEndpoint(standIn, group, grant.permissions)]),
  ],
  key_delivery: keyDeliveryEndpoints,
  api_key: () => [],
  hook_url: (standIn, group, { input }) =>
    group.lead.inputs
      .filter(({ name }) => name === input)
      .map(({ pattern }) => hookEndpoint(standIn, group, pattern)),
};

/** Of the authorization server, or what stands in its place. */
function grantEndpoints(standIn: StandIn, group: ProviderGroup): readonly Endpoint[] {
  const { grant, renewal } = group.lead;
  const list = byGrant[grant.kind];
  const renewing =
    renewal.kind === "exchange_access_token" ? [exchangeEndpoint(standIn, group, renewal.request)] : [];
  return [...list(standIn, group, grant as never), ...renewing];
}

function memberEndpoints(
  standIn: StandIn,
  group: ProviderGroup,
  member: AccountProvider,
): readonly Endpoint[] {
  const { identity, probe, revocation } = member;
  const calls = new Set([identity.source === "request" ? identity.request : null, probe]);
  return [
    ...[...calls].flatMap((template) =>
      template === null ? [] : [callEndpoint(standIn, group, member, template)],
    ),
    ...(revocation === null ? [] : [revocationEndpoint(standIn, group, member, revocation)]),
  ];
}
