import { createHash } from "node:crypto";
import type { RefreshOutcome } from "@cita/token-store";
import { LRUCache } from "lru-cache";

/**
 * Since when refreshes have failed in a way that may pass. (Grants that have ended are in the database.) Refresh tokens
 * are kept as hashes, in this process only.
 */
export type FailingRefreshes = {
  /** To be called with the outcome of each refresh. */
  update(refreshToken: string, outcome: RefreshOutcome["kind"]): void;
  /** When the longest series of failures began, in epoch milliseconds; undefined: there is none. */
  oldest(): number | undefined;
};

/** Bounds the memory. More fail at once only in an outage. */
const maxFailing = 1_000;

/** A token that isn't tried any more belongs to a connection that has ended or was replaced. */
const forgottenAfterMs = 7_200_000;

export function createFailingRefreshes(now: () => number): FailingRefreshes {
  const failingSince = new LRUCache<string, number>({ max: maxFailing, ttl: forgottenAfterMs });
  return {
    update(refreshToken, outcome) {
      const token = createHash("sha256").update(refreshToken).digest("base64url");
      if (outcome === "ok" || outcome === "reauth_required") failingSince.delete(token);
      else failingSince.set(token, failingSince.get(token) ?? now());
    },
    oldest() {
      const since = [...failingSince.values()];
      return since.length === 0 ? undefined : Math.min(...since);
    },
  };
}
