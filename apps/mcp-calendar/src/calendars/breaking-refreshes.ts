import type { RefreshGrant } from "@cita/token-store";
import { BrokenCircuitError, handleWhenResult } from "cockatiel";
import { type BreakerOptions, createBreaker, providerIsDown } from "./breaker.ts";

/**
 * The same refresh, but none is sent for a moment where most got no answer: otherwise each caller whose
 * access has run out would wait for the whole timeout of a provider that is down.
 */
export function withBreaker(refreshGrant: RefreshGrant, options: BreakerOptions): RefreshGrant {
  const unheard = handleWhenResult(isUnheard);
  const breaker = createBreaker(unheard, unheard, options);
  return async (refreshToken) => {
    try {
      return await breaker.execute(() => refreshGrant(refreshToken));
    } catch (cause) {
      if (!(cause instanceof BrokenCircuitError)) throw cause;
      return { kind: "transient", reason: providerIsDown, cause };
    }
  };
}

/** An answer, even a failure, costs nobody time, and may be about one customer alone. */
function isUnheard(outcome: unknown): boolean {
  const { kind, cause } = outcome as Partial<Record<"kind" | "cause", unknown>>;
  return kind === "transient" && cause !== undefined;
}
