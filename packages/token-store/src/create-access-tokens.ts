import type { AccessTokens, RefreshGrant } from "./access-tokens.ts";
import type { CustomerKey } from "./customer-key.ts";
import { createRefreshUnderLease } from "./refresh-under-lease.ts";
import type { TokenStore } from "./token-store.ts";
import { findConnected, isUsable, keyText, lastsFor } from "./usable-connection.ts";

export type AccessTokensDeps = {
  readonly connections: TokenStore["connections"];
  readonly refreshGrant: RefreshGrant;
  /** Told of renewals ahead of time that failed: nobody waits for those, and they are tried again. */
  readonly onEarlyFailure?: (error: unknown, key: CustomerKey) => void;
  /** Longer than a refresh may take, so that only a process that died keeps others waiting. Default: 8,000. */
  readonly leaseMs?: number | undefined;
  /** In epoch milliseconds. Default: the system's clock. */
  readonly now?: () => number;
};

/** Before an access token expires: it is renewed ahead of need, and not by all processes in the same second. */
const earlyMs = { min: 120_000, max: 360_000 };

/**
 * Access tokens of the stored connections: at most one refresh a customer at a time, which callers of this process
 * share, and which a lease in the store keeps from other processes.
 */
export function createAccessTokens({
  connections,
  refreshGrant,
  onEarlyFailure,
  leaseMs = 8_000,
  now = Date.now,
}: AccessTokensDeps): AccessTokens {
  const renewBeforeMs = earlyMs.min + Math.random() * (earlyMs.max - earlyMs.min);
  const refresh = createRefreshUnderLease({ connections, refreshGrant, leaseMs, renewBeforeMs, now });
  const inFlight = new Map<string, Promise<string>>();

  /** Shared by callers who want the same: who was refused a token must not be given it by one who wasn't. */
  function refreshOnce(key: CustomerKey, rejected = ""): Promise<string> {
    const flight = `${keyText(key)}\n${rejected}`;
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
      if (!lastsFor(connection, renewBeforeMs, now())) {
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
