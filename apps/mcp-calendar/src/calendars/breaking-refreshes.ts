import type { RefreshGrant, RefreshOutcome } from "@cita/token-store";
import { type BreakerOptions, createBreakers, ProviderDownError } from "./breakers.ts";

/**
 * The same refresh, but none is sent for a moment where the last ones got no answer: otherwise each caller
 * whose access has run out would wait for the whole timeout of a provider that is down.
 */
export function withBreakers(refreshGrant: RefreshGrant, options: BreakerOptions): RefreshGrant {
  const breakers = createBreakers(options);
  return async (refreshToken, key) => {
    if (!breakers.allows(key.customerId)) {
      const cause = new ProviderDownError();
      return { kind: "transient", reason: cause.message, cause };
    }
    const refresh = breakers.begin(key.customerId);
    const outcome = await refreshGrant(refreshToken, key);
    refresh.ended(isUnheard(outcome) ? "silent" : "answered");
    return outcome;
  };
}

/** An answer, even a failure, costs nobody time, and may be about one customer alone. */
function isUnheard(outcome: RefreshOutcome): boolean {
  return outcome.kind === "transient" && outcome.cause !== undefined;
}
