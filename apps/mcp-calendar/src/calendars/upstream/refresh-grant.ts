import type { RefreshGrant, RefreshOutcome } from "@cita/token-store";
import { type BreakerOptions, createBreakers, ProviderDownError } from "./breakers.ts";

export type RefreshGrantDeps = {
  /** Sends one refresh request to the provider. */
  readonly send: RefreshGrant;
  readonly breakers: BreakerOptions;
  /** Called with the outcome of each refresh that was sent. */
  readonly observe?: ((refreshToken: string, outcome: RefreshOutcome["kind"]) => void) | undefined;
};

/**
 * Refreshes accesses at the provider. While a breaker is open none is sent: otherwise each caller whose access
 * has expired would wait for the whole timeout of a provider that is down.
 */
export function createRefreshGrant({ send, breakers: options, observe }: RefreshGrantDeps): RefreshGrant {
  const breakers = createBreakers(options);
  return async (refreshToken, key) => {
    if (!breakers.allows(key.customerId)) {
      const cause = new ProviderDownError();
      return { kind: "transient", reason: cause.message, cause };
    }
    const call = breakers.begin(key.customerId);
    const outcome = await send(refreshToken, key);
    observe?.(refreshToken, outcome.kind);
    call.end(isUnanswered(outcome) ? "unanswered" : "answered");
    return outcome;
  };
}

/** A failure that was answered keeps nobody waiting, and may be about one customer alone. */
function isUnanswered(outcome: RefreshOutcome): boolean {
  return outcome.kind === "transient" && outcome.cause !== undefined;
}
