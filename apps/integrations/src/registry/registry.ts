import {
  type AccountClient,
  type AccountClients,
  type AccountProvider,
  accountVariables,
} from "@cita/providers/accounts";
import { IntegrationError } from "../answers/integration-error.ts";
import { fromEnum } from "../management/views.ts";

/** The providers that there are, and our clients at those that are configured. */
export type Registry = {
  readonly providers: readonly AccountProvider[];
  readonly clients: AccountClients;
  /** The id of a provider by its name in source 003. @throws IntegrationError INVALID_PROVIDER */
  find(name: string): AccountProvider;
  /** @throws IntegrationError INVALID_PROVIDER where it isn't configured */
  clientOf(provider: AccountProvider): AccountClient;
};

export function createRegistry(providers: readonly AccountProvider[], clients: AccountClients): Registry {
  return {
    ...{ providers, clients },
    find(name) {
      // In bodies there is one spelling.
      const id = name === name.toUpperCase() ? fromEnum(name) : undefined;
      const found = providers.find((provider) => provider.id === id);
      if (found !== undefined) return found;
      throw new IntegrationError(
        "INVALID_PROVIDER",
        "There is no such provider. GET /integrations/providers lists them.",
      );
    },
    clientOf(provider) {
      const client = clients.get(provider.id);
      if (client !== undefined) return client;
      const variables = accountVariables(provider).join(", ");
      const message = `${provider.name} isn't configured. Set its variables and restart: ${variables}.`;
      throw new IntegrationError("INVALID_PROVIDER", message);
    },
  };
}
