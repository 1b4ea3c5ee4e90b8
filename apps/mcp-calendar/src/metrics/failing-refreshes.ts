import { createHash } from "node:crypto";
import type { RefreshOutcome } from "@cita/token-store";
import { LRUCache } from "lru-cache";

/**
 * Since when refreshes keep failing that aren't refused for good: of those that are, the store knows.
 * Tokens are known by their hash, which stays in this process.
 */
export type FailingRefreshes = {
  note(refreshToken: string, result: RefreshOutcome["kind"]): void;
  /** Since when the one that has failed longest has failed, in epoch milliseconds. */
  oldest(): number | undefined;
};

/** Bounds the memory: more than that fail at once only where everything does. */
const maxFailing = 1_000;

/** What isn't tried any more was disconnected, or has connected again under another token. */
const forgottenAfterMs = 7_200_000;

export function createFailingRefreshes(now: () => number): FailingRefreshes {
  const failingSince = new LRUCache<string, number>({ max: maxFailing, ttl: forgottenAfterMs });
  return {
    note(refreshToken, result) {
      const token = createHash("sha256").update(refreshToken).digest("base64url");
      if (result === "ok" || result === "reauth_required") failingSince.delete(token);
      else failingSince.set(token, failingSince.get(token) ?? now());
    },
    oldest() {
      const since = [...failingSince.values()];
      return since.length === 0 ? undefined : Math.min(...since);
    },
  };
}
