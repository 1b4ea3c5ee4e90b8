import type { AccessTokens, RenewConnection } from "./access-tokens.ts";
import { createRenewedAccess, type RenewedAccessDeps } from "./create-renewed-access.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { RenewalWords } from "./renewable.ts";
import { saveRepeatedly } from "./save-repeatedly.ts";
import type { Connection, RefreshedTokens, TokenStore } from "./token-store.ts";

export type AccessTokensDeps = Pick<
  RenewedAccessDeps<CustomerKey, Connection, RefreshedTokens>,
  "onEarlyFailure" | "leaseMs" | "now"
> & {
  readonly connections: TokenStore["connections"];
  readonly renewConnection: RenewConnection;
};

/** So soon that a request and all attempts to store what it has brought end within the lease. */
const saveAgainAfterMs = [50, 150, 400, 900];

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
      saveRefreshed: (connection, tokens) =>
        saveRepeatedly(() => connections.saveRefreshed(connection, tokens), saveAgainAfterMs),
      requireReconnect: async (connection: Connection, reason) =>
        (await connections.requireReconnect(connection, reason)) !== undefined,
    },
  });
}
