import { z } from "zod";
import type { ClientVariables, Endpoints, Provider } from "./definition.ts";
import type { ProviderClientConfig } from "./oauth/provider-client.ts";
import type { ClientCredentials } from "./strategies/client-authentication.ts";

/** Our OAuth client at a provider, as an operator has configured it. */
export type ConfiguredClient = ClientCredentials & { readonly providerId: string };

/**
 * Reads the clients of an environment: of each provider its own, else its group's. A provider without any isn't
 * configured; one of them has to be. The issues name the missing variables.
 */
export function configuredClients(providers: readonly Provider[]) {
  return z.looseObject({}).transform((environment, context): { clients: readonly ConfiguredClient[] } => {
    const refuse = (variable: string, message: string) =>
      context.addIssue({ code: "custom", path: [variable], message });
    const isSet = (name: string) => environment[name] !== undefined && environment[name] !== "";
    const clients = providers.flatMap(({ id: providerId, clientVariables }) => {
      const names = clientVariables.find(({ id, secret }) => isSet(id) || isSet(secret));
      if (names === undefined) return [];
      for (const name of [names.id, names.secret]) if (!isSet(name)) refuse(name, "is required");
      const read = (name: string) => String(environment[name]);
      return [{ providerId, clientId: read(names.id), clientSecret: read(names.secret) }];
    });
    if (clients.length === 0) refuseAll(providers, refuse);
    return { clients };
  });
}

function refuseAll(providers: readonly Provider[], refuse: (name: string, message: string) => void): void {
  const [first, ...others] = providers.flatMap(({ clientVariables }) => clientVariables.slice(0, 1));
  if (first === undefined) return;
  const instead = others.length === 0 ? "" : `, or another provider's: ${others.map(toNames).join("; ")}`;
  for (const name of [first.id, first.secret]) refuse(name, `is required${instead}`);
}

function toNames({ id, secret }: ClientVariables): string {
  return `${id} and ${secret}`;
}

/** Where the operator lets providers be reached: the variables that definitions name, and one address for all others. */
export type ProviderPlaces = {
  readonly settings: Readonly<Record<string, unknown>>;
  /** `PROVIDER_HOSTS_AT`, without a trailing slash. */
  readonly hostsAt: string | undefined;
};

/** Where our client reaches a provider, and what it asks for. */
export function placeClient(
  provider: Provider,
  { settings, hostsAt }: ProviderPlaces,
): Pick<ProviderClientConfig, "endpoints" | "furtherIssuers" | "scopes"> {
  const read = (name: string, preset: string) => {
    const value = settings[name];
    return typeof value === "string" && value !== "" ? value : preset;
  };
  const { endpointVariables: names, scopesVariable, issuers } = provider;
  const scopes =
    scopesVariable === null ? provider.scopes : read(scopesVariable, provider.scopes.join(" ")).split(/\s+/);
  if (names === null) return { endpoints: placeEndpoints(provider, hostsAt), furtherIssuers: [], scopes };
  const { authorizationUrl, tokenUrl, revocationUrl } = provider.endpoints;
  const endpoints = {
    authorizationUrl: read(names.authorizationUrl, authorizationUrl),
    tokenUrl: read(names.tokenUrl, tokenUrl),
    revocationUrl: revocationUrl === null ? null : read(names.revocationUrl, revocationUrl),
  };
  // Another server in the provider's place names itself.
  const { origin } = new URL(endpoints.authorizationUrl);
  return { endpoints, furtherIssuers: issuers.includes(origin) ? [] : [origin], scopes };
}

function placeEndpoints({ endpoints }: Provider, hostsAt: string | undefined): Endpoints {
  const { authorizationUrl, tokenUrl, revocationUrl } = endpoints;
  return {
    authorizationUrl: atProviderHosts(authorizationUrl, hostsAt),
    tokenUrl: atProviderHosts(tokenUrl, hostsAt),
    revocationUrl: revocationUrl === null ? null : atProviderHosts(revocationUrl, hostsAt),
  };
}

/**
 * The URL at which a URL of a provider is reached: with the host as first segment of the path where all providers' hosts
 * are at one address, as in development.
 */
export function atProviderHosts(url: string, hostsAt: string | undefined): string {
  return hostsAt === undefined ? url : `${hostsAt}/${url.replace(/^https:\/\//, "")}`;
}
