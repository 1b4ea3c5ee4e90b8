import type { AccessTokens } from "./access-tokens.ts";
import { createRefreshUnderLease, type RefreshDeps, type UnwantedToken } from "./refresh-under-lease.ts";
import type { Renewable, RenewedTokens } from "./renewable.ts";
import { findConnected, isUsable, isValidFor } from "./usable-connection.ts";

export type RenewedAccessDeps<Key, Stored extends Renewable, Tokens extends RenewedTokens> = Pick<
  RefreshDeps<Key, Stored, Tokens>,
  "store" | "toMapKey" | "words"
> & {
  /** Renews an access at its own provider, by one request. It never throws: a failure is an outcome. */
  readonly renewConnection: RefreshDeps<Key, Stored, Tokens>["renewConnection"];
  /**
   * Called for `confirm_later`. It remembers since when the provider says so, and returns whether that is long enough ago
   * for the access to be lost. Default: it never is.
   */
  readonly confirmLoss?: RefreshDeps<Key, Stored, Tokens>["confirmLoss"];
  /** Called after an early renewal has failed. It has no waiting caller, and is tried again. */
  readonly onEarlyFailure?: ((error: unknown, key: Key) => void) | undefined;
  /** Longer than a refresh may take, so that others wait for a lease only if a process has died. Default: 8,000. */
  readonly leaseMs?: number | undefined;
  /** In epoch milliseconds. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
};

/** How long before its expiry an access token is renewed. Random, so that processes don't renew together. */
const earlyMs = { min: 120_000, max: 360_000 };

/**
 * Makes `AccessTokens` over any store of accesses. At most one refresh runs for a connection at a time: callers of this
 * process share it, and a lease in the store excludes other processes.
 */
export function createRenewedAccess<Key, Stored extends Renewable, Tokens extends RenewedTokens>({
  confirmLoss = async () => false,
  onEarlyFailure,
  leaseMs = 8_000,
  now = Date.now,
  ...given
}: RenewedAccessDeps<Key, Stored, Tokens>): AccessTokens<Key> {
  const { store, toMapKey, words } = given;
  const renewBeforeMs = earlyMs.min + Math.random() * (earlyMs.max - earlyMs.min);
  const refresh = createRefreshUnderLease({ ...given, confirmLoss, leaseMs, renewBeforeMs, now });
  const inFlight = new Map<string, Promise<string>>();

  /** Shared by callers with the same unwanted token: another caller's refresh might return that token. */
  function refreshOnce(key: Key, unwanted?: UnwantedToken): Promise<string> {
    const flight = [toMapKey(key), unwanted?.accessToken, unwanted?.isRejected].join("\n");
    const running = inFlight.get(flight);
    if (running !== undefined) return running;
    const started = refresh(key, unwanted).finally(() => inFlight.delete(flight));
    inFlight.set(flight, started);
    return started;
  }

  return {
    async get(key, rejected) {
      const stored = await findConnected(store, key, words);
      if (!isUsable(stored, now(), rejected)) {
        return refreshOnce(
          key,
          rejected === undefined ? undefined : { accessToken: rejected, isRejected: true },
        );
      }
      if (!isValidFor(stored, renewBeforeMs, now())) {
        refreshOnce(key).catch((error: unknown) => onEarlyFailure?.(error, key));
      }
      return stored.accessToken;
    },

    async renew(key, known) {
      const accessToken = known ?? (await findConnected(store, key, words)).accessToken;
      await refreshOnce(key, { accessToken, isRejected: false });
    },

    async requireReconnect(key, accessToken, reason) {
      const stored = await store.find(key);
      if (stored?.accessToken !== accessToken || stored.reconnectRequiredSince !== null) return;
      await store.requireReconnect(stored, reason);
    },

    async finishRenewals() {
      await Promise.allSettled(inFlight.values());
    },
  };
}
