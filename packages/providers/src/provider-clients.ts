import type { RenewConnection } from "@cita/token-store";
import { type ConfiguredClient, type ProviderPlaces, placeClient } from "./client-variables.ts";
import type { Provider } from "./definition.ts";
import { createProviderClient, type ProviderClient } from "./oauth/provider-client.ts";

/** Our clients at the configured providers, by the provider's id, in the order in which the providers are defined. */
export type ProviderClients = ReadonlyMap<string, ProviderClient>;

export type ProviderClientsConfig = ProviderPlaces & {
  readonly providers: readonly Provider[];
  readonly configured: readonly ConfiguredClient[];
  /** Where this service is reached from outside, without a trailing slash. */
  readonly publicUrl: string;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly now?: () => number;
};

/** Renews each connection at its own provider. */
export function createRenewConnection(clients: ProviderClients): RenewConnection {
  return async (connection) =>
    (await clients.get(connection.provider)?.renew(connection)) ?? {
      kind: "misconfigured",
      reason: "provider_not_configured",
    };
}

export function createProviderClients(config: ProviderClientsConfig): ProviderClients {
  const { providers, configured, publicUrl, timeoutMs, now } = config;
  const clients = providers.flatMap((provider) => {
    const credentials = configured.find(({ providerId }) => providerId === provider.id);
    if (credentials === undefined) return [];
    const place = placeClient(provider, config);
    const client = createProviderClient({
      ...{ provider, publicUrl, timeoutMs, ...place, ...(now && { now }) },
      ...credentials,
    });
    return [[provider.id, client] as const];
  });
  return new Map(clients);
}
