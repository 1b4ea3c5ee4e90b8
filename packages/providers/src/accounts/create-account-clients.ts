import type { AccountClient } from "./account-client.ts";
import type { ConfiguredAccount } from "./configured-accounts.ts";
import { type AccountClientDeps, createAccountClient } from "./create-account-client.ts";
import type { AccountProvider } from "./definition.ts";

/** Our clients at the configured providers, by the provider's id. */
export type AccountClients = ReadonlyMap<string, AccountClient>;

export type AccountClientsConfig = AccountClientDeps & {
  readonly providers: readonly AccountProvider[];
  readonly configured: readonly ConfiguredAccount[];
  /** Where browsers come back, of each provider: the two differ between any two (RFC 9700, section 4.4.2). */
  readonly redirectUri: (providerId: string) => string;
};

export function createAccountClients({
  providers,
  configured,
  redirectUri,
  ...deps
}: AccountClientsConfig): AccountClients {
  const clients = providers.flatMap((provider) => {
    const { id } = provider;
    const found = configured.find(({ providerId }) => providerId === id);
    if (found === undefined) return [];
    const { clientId, clientSecret, settings } = found;
    const config = { provider, clientId, clientSecret, settings, redirectUri: redirectUri(id) };
    return [[id, createAccountClient(config, deps)] as const];
  });
  return new Map(clients);
}
