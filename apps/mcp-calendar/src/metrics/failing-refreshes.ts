import type { Connection, RefreshOutcome } from "@cita/token-store";
import { LRUCache } from "lru-cache";

/**
 * Since when refreshes have failed in a way that may pass, in this process only. (Grants that have ended are in the
 * database.)
 */
export type FailingRefreshes = {
  /** To be called with the outcome of each refresh. */
  update(connection: Pick<Connection, "connectionId" | "provider">, outcome: RefreshOutcome["kind"]): void;
  /** When the longest series of a provider's failures began, in epoch milliseconds; undefined: there is none. */
  oldest(provider: string): number | undefined;
};

/** Bounds the memory. More fail at once only in an outage. */
const maxFailing = 1_000;

/** A connection that isn't tried any more has ended. */
const forgottenAfterMs = 7_200_000;

/** After these nothing is expected to pass by itself. */
const settled: ReadonlySet<RefreshOutcome["kind"]> = new Set(["ok", "reauth_required", "not_renewable"]);

export function createFailingRefreshes(now: () => number): FailingRefreshes {
  const failing = new LRUCache<string, { provider: string; since: number }>({
    max: maxFailing,
    ttl: forgottenAfterMs,
  });
  return {
    update({ connectionId, provider }, outcome) {
      if (settled.has(outcome)) failing.delete(connectionId);
      else failing.set(connectionId, { provider, since: failing.get(connectionId)?.since ?? now() });
    },
    oldest(provider) {
      const since = [...failing.values()].filter((one) => one.provider === provider).map((one) => one.since);
      return since.length === 0 ? undefined : Math.min(...since);
    },
  };
}
