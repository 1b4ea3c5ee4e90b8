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

/**
 * Renews each connection at its own provider, with the client that it was granted to. With another client the provider
 * answers as if the business had taken its consent back (RFC 6749, section 5.2), so it isn't asked.
 */
export function createRenewConnection(clients: ProviderClients): RenewConnection {
  return async (connection) => {
    const client = clients.get(connection.provider);
    if (client === undefined) return { kind: "misconfigured", reason: "provider_not_configured" };
    const { clientId } = connection;
    // Connections of 0.1.0 don't know their client.
    if (clientId !== null && clientId !== client.clientId)
      return { kind: "misconfigured", reason: "client_changed" };
    return client.renew(connection);
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
