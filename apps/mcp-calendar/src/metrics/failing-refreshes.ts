import { createHash } from "node:crypto";
import type { RefreshOutcome } from "@cita/token-store";
import { LRUCache } from "lru-cache";

/**
 * Since when refreshes keep failing in a way that may pass; those that are refused for good are in the database.
 * A token is known by its hash, which never leaves this process.
 */
export type FailingRefreshes = {
  /** To be called with the outcome of each refresh. */
  update(refreshToken: string, outcome: RefreshOutcome["kind"]): void;
  /** Since when the token that has failed longest has failed, in epoch milliseconds. */
  oldest(): number | undefined;
};

/** Bounds the memory: more than that fail at once only where all do. */
const maxFailing = 1_000;

/** A token that isn't tried any more belongs to a connection that has ended or was made anew. */
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
