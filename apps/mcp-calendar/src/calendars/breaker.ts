import { ConsecutiveBreaker, circuitBreaker, type Policy, SamplingBreaker, wrap } from "cockatiel";

export type BreakerOptions = {
  /** How many requests in ten seconds it takes to judge that the provider is down, when most of them fail. */
  readonly breakerMinimum?: number;
  /** How many in a row that nobody answers, however far apart: each has kept somebody waiting for the whole timeout. */
  readonly silentInARow?: number;
  /** How long a provider that is down isn't asked. */
  readonly openMs?: number;
};

/** Why nothing was sent. */
export const providerIsDown = "the provider is down; it is asked again in a moment";

const sampleMs = 10_000;

/**
 * Lets requests through as long as the provider isn't down: not when most of many have failed, nor, with
 * however few callers, when nobody has answered several in a row.
 * @param failure which requests have failed
 * @param silence which of them nobody has answered
 */
export function createBreaker(
  failure: Policy,
  silence: Policy,
  { breakerMinimum = 20, silentInARow = 5, openMs = 5_000 }: BreakerOptions,
) {
  const ofMany = new SamplingBreaker({
    threshold: 0.5,
    duration: sampleMs,
    minimumRps: (breakerMinimum * 1_000) / sampleMs,
  });
  return wrap(
    circuitBreaker(failure, { halfOpenAfter: openMs, breaker: ofMany }),
    circuitBreaker(silence, { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(silentInARow) }),
  );
}
