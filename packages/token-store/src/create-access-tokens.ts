import type { AccessTokens, RenewConnection } from "./access-tokens.ts";
import type { CustomerKey } from "./customer-key.ts";
import { createRefreshUnderLease } from "./refresh-under-lease.ts";
import type { TokenStore } from "./token-store.ts";
import { findConnected, isUsable, isValidFor, toMapKey } from "./usable-connection.ts";

export type AccessTokensDeps = {
  readonly connections: TokenStore["connections"];
  readonly renewConnection: RenewConnection;
  /** Called after an early renewal has failed. It has no waiting caller, and is tried again. */
  readonly onEarlyFailure?: (error: unknown, key: CustomerKey) => void;
  /** Longer than a refresh may take, so that others wait for a lease only if a process has died. Default: 8,000. */
  readonly leaseMs?: number | undefined;
  /** In epoch milliseconds. Default: the system's clock. */
  readonly now?: () => number;
};

/** How long before its expiry an access token is renewed. Random, so that processes don't renew together. */
const earlyMs = { min: 120_000, max: 360_000 };

/**
 * Makes `AccessTokens` over the stored connections. At most one refresh runs for a customer at a time: callers of this
 * process share it, and a lease in the store excludes other processes.
 */
export function createAccessTokens({
  connections,
  renewConnection,
  onEarlyFailure,
  leaseMs = 8_000,
  now = Date.now,
}: AccessTokensDeps): AccessTokens {
  const renewBeforeMs = earlyMs.min + Math.random() * (earlyMs.max - earlyMs.min);
  const refresh = createRefreshUnderLease({ connections, renewConnection, leaseMs, renewBeforeMs, now });
  const inFlight = new Map<string, Promise<string>>();

  /** Shared by callers with the same rejected token: another caller's refresh might return that token. */
  function refreshOnce(key: CustomerKey, rejected = ""): Promise<string> {
    const flight = `${toMapKey(key)}\n${rejected}`;
    const running = inFlight.get(flight);
    if (running !== undefined) return running;
    const started = refresh(key, rejected).finally(() => inFlight.delete(flight));
    inFlight.set(flight, started);
    return started;
  }

  return {
    async get(key, rejected) {
      const connection = await findConnected(connections, key);
      if (!isUsable(connection, now(), rejected)) return refreshOnce(key, rejected);
      if (!isValidFor(connection, renewBeforeMs, now())) {
        refreshOnce(key).catch((error: unknown) => onEarlyFailure?.(error, key));
      }
      return connection.accessToken;
    },

    async renew(key) {
      const { accessToken } = await findConnected(connections, key);
      await refreshOnce(key, accessToken);
    },

    async requireReconnect(key, accessToken, reason) {
      const connection = await connections.find(key);
      if (connection?.accessToken !== accessToken || connection.reconnectRequiredSince !== null) return;
      await connections.requireReconnect(connection, reason);
    },

    async finishRenewals() {
      await Promise.allSettled(inFlight.values());
    },
  };
}
