import type { AccessTokens, RenewConnection } from "./access-tokens.ts";
import { createRenewedAccess, type RenewedAccessDeps } from "./create-renewed-access.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { RenewalWords } from "./renewable.ts";
import type { Connection, RefreshedTokens, TokenStore } from "./token-store.ts";

export type AccessTokensDeps = Pick<
  RenewedAccessDeps<CustomerKey, Connection, RefreshedTokens>,
  "onEarlyFailure" | "leaseMs" | "now"
> & {
  readonly connections: TokenStore["connections"];
  readonly renewConnection: RenewConnection;
};

const words: RenewalWords = {
  notConnected: "No calendar is connected for this customer.",
  reconnectRequired: (reason) => `The business has to connect its calendar again (${reason}).`,
};

/** Makes `AccessTokens` over the connections of customers' calendars. */
export function createAccessTokens({ connections, ...others }: AccessTokensDeps): AccessTokens {
  return createRenewedAccess({
    ...others,
    words,
    toMapKey: ({ provider, customerId }) => `${provider}\n${customerId}`,
    store: {
      ...connections,
      requireReconnect: async (connection: Connection, reason) =>
        (await connections.requireReconnect(connection, reason)) !== undefined,
    },
  });
}
