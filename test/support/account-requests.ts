import type { AccountProvider, RequestTemplate, Values } from "@cita/providers/accounts";
import type { Fault } from "@cita/sandbox";

export type AccountRequestName = "token" | "exchange" | "identity" | "renewal" | "probe" | "revocation";

/** A request that the service makes to a provider, as a fault of the stand-ins names it. */
export type AccountRequest = {
  readonly name: AccountRequestName;
  readonly at: Pick<Fault, "method" | "path" | "query">;
};

/**
 * All requests to a provider, as its definition has them.
 * @param known the connection's inputs and facts
 */
export function requestsOf(provider: AccountProvider, known: Values): readonly AccountRequest[] {
  const { grant, identity, renewal, probe, revocation, settings } = provider;
  const presets = settings.map(({ name, preset }) => [name, preset ?? "sandbox-setting"]);
  const values: Values = { ...Object.fromEntries(presets), ...known };
  const at = (name: AccountRequestName, template: Pick<RequestTemplate, "method" | "url" | "query">) => ({
    ...{ name, at: toPlace(template, values) },
  });
  const requests: AccountRequest[] = [];
  if (grant.kind === "authorization_code") {
    const { token, exchanges } = grant;
    const isInQuery = token.encoding === "query";
    requests.push(at("token", { ...token, query: isInQuery ? { grant_type: "authorization_code" } : {} }));
    for (const exchange of exchanges) requests.push(at("exchange", exchange));
    if (renewal.kind === "refresh_token") requests.push(at("renewal", token));
  }
  if (identity.source === "request") requests.push(at("identity", identity.request));
  if (renewal.kind === "exchange_access_token") requests.push(at("renewal", renewal.request));
  if (probe !== null) requests.push(at("probe", probe));
  if (revocation !== null) requests.push(at("revocation", revocation.request));
  return requests;
}

function toPlace(
  { method, url, query = {} }: Pick<RequestTemplate, "method" | "url" | "query">,
  values: Values,
) {
  const filled = url
    .replace(/^https:\//, "")
    .replaceAll(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
  const literal = Object.entries(query).filter(([, value]) => !value.includes("{"));
  return { method, path: filled, query: Object.fromEntries(literal) };
}

/**
 * Providers in as few groups as there are such that no two of a group share a host: a fault at the one doesn't meet the
 * other, and all of a group can be tried at the same time.
 */
export function toWaves<Item extends { readonly requests: readonly AccountRequest[] }>(
  items: readonly Item[],
): readonly (readonly Item[])[] {
  const hostsOf = ({ requests }: Item) => requests.map(({ at }) => at.path.split("/")[1] ?? "");
  const waves: { readonly hosts: Set<string>; readonly items: Item[] }[] = [];
  for (const item of items) {
    const hosts = hostsOf(item);
    let wave = waves.find((one) => hosts.every((host) => !one.hosts.has(host)));
    if (wave === undefined) {
      wave = { hosts: new Set(), items: [] };
      waves.push(wave);
    }
    for (const host of hosts) wave.hosts.add(host);
    wave.items.push(item);
  }
  return waves.map(({ items }) => items);
}
