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
 * Puts breakers in front of refresh requests: while a provider is down, a caller with an expired access token fails at
 * once instead of waiting for the timeout.
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

/** Only unanswered refreshes open a breaker: an answered failure takes no time, and may concern one customer alone. */
function isUnanswered(outcome: RefreshOutcome): boolean {
  return outcome.kind === "transient" && outcome.cause !== undefined;
}
