import { createCustomerBreakers } from "./customer-breakers.ts";
import { createProviderBreaker } from "./provider-breaker.ts";

export type BreakerOptions = {
  /** Failed calls of one customer in a row after which no more are sent for that customer for a while. */
  readonly failuresInARow?: number;
  /** The same for calls that nobody answers: each has kept somebody waiting for the whole timeout. */
  readonly silentInARow?: number;
  /** How many customers must fail, and nobody be answered meanwhile, before the provider counts as down. */
  readonly failingCustomers?: number;
  /** How long what is down isn't asked. */
  readonly openMs?: number;
};

/**
 * Lets calls through as long as somebody answers: a breaker for each customer, and one for all that only the
 * failures of several customers open. Nobody waits for another's call.
 */
export type Breakers = {
  /** Whether a call may be sent now. */
  allows(customerId: string): boolean;
  /** To be called when it is sent, and the outcome to be told once: repetitions are part of the call. */
  begin(customerId: string): BegunCall;
};

export type BegunCall = {
  /** Whether repeating it may help. */
  mayRepeat(): boolean;
  ended(outcome: CallOutcome): void;
};

/** `silent`: nobody answered. An answer that refuses is an answer. */
export type CallOutcome = "answered" | "failed" | "silent";

/** Why nothing was sent: a breaker is open. */
export class ProviderDownError extends Error {
  override readonly name = "ProviderDownError";
  readonly code = "provider_down";
  constructor() {
    super("the provider doesn't answer; it is asked again in a moment");
  }
}

/** @param now milliseconds of a clock that never goes back. */
export function createBreakers(
  { failuresInARow = 5, silentInARow = 3, failingCustomers = 5, openMs = 5_000 }: BreakerOptions,
  now: () => number = () => performance.now(),
): Breakers {
  const customers = createCustomerBreakers({ failuresInARow, silentInARow, openMs });
  const provider = createProviderBreaker({ failingCustomers, openMs });
  return {
    allows(customerId) {
      const at = now();
      return customers.allows(customerId, at) && provider.allows(customerId, at);
    },
    begin(customerId) {
      const begunAt = now();
      customers.begin(customerId, begunAt);
      provider.begin(customerId, begunAt);
      return {
        mayRepeat: () => customers.isClosed(customerId) && provider.isClosed(),
        ended(outcome) {
          const at = now();
          if (outcome === "answered") {
            customers.succeeded(customerId);
            provider.succeeded(at);
          } else {
            customers.failed(customerId, { begunAt, at, silent: outcome === "silent" });
            provider.failed(customerId, { begunAt, at });
          }
        },
      };
    },
  };
}
