import type { RefreshGrant } from "@cita/token-store";
import { BrokenCircuitError, circuitBreaker, handleWhenResult, wrap } from "cockatiel";
import { type BreakerOptions, failureBreaker, silenceBreaker } from "./upstream-policy.ts";

/**
 * The same refresh, but none is sent for a moment where most got no answer: otherwise each caller whose
 * access has run out would wait for the whole timeout of a provider that is down.
 */
export function withBreaker(refreshGrant: RefreshGrant, options: BreakerOptions): RefreshGrant {
  const breaker = wrap(
    circuitBreaker(handleWhenResult(isUnheard), failureBreaker(options)),
    circuitBreaker(handleWhenResult(isUnheard), silenceBreaker(options)),
  );
  return async (refreshToken) => {
    try {
      return await breaker.execute(() => refreshGrant(refreshToken));
    } catch (cause) {
      if (!(cause instanceof BrokenCircuitError)) throw cause;
      return { kind: "transient", reason: "the provider is down; it is asked again in a moment", cause };
    }
  };
}

/** An answer, even a failure, costs nobody time, and may be about one customer alone. */
function isUnheard(outcome: unknown): boolean {
  const { kind, cause } = outcome as Partial<Record<"kind" | "cause", unknown>>;
  return kind === "transient" && cause !== undefined;
}
