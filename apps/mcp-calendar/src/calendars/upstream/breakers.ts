import { LRUCache } from "lru-cache";

/**
 * Circuit breakers for calls to a provider: one for each customer, and one for the whole provider, which only the
 * failures of several customers open. No call waits for the outcome of another.
 * @see docs/decisions/0029-breakers-by-customer.md
 */
export type Breakers = {
  /** Whether a call may be sent now: as usual, or as the probe of an open breaker. */
  allows(customerId: string): boolean;
  /** False where a call that is sent now would be a probe: of several at once only one is allowed. */
  isClosed(customerId: string): boolean;
  /** To be called when a call is sent. Repetitions are part of the call. */
  begin(customerId: string): BegunCall;
};

export type BegunCall = {
  /** False for a probe, and where a breaker has opened since the call was sent. */
  mayRepeat(): boolean;
  /** To be called once. */
  end(outcome: CallOutcome): void;
};

/** `answered`: a response came, even a refusal. `failed`: a response such as 503. `unanswered`: none in time. */
export type CallOutcome = "answered" | "failed" | "unanswered";

export type BreakerOptions = {
  /** How many failed calls of one customer in a row open its breaker. Default: 5. */
  readonly failuresInARow?: number;
  /** The same for unanswered calls, whose callers wait for the whole timeout. Default: 3. */
  readonly unansweredInARow?: number;
  /** How many customers must fail, while nobody is answered, until the provider counts as down. Default: 5. */
  readonly failingCustomers?: number;
  /** How long an open breaker sends nothing, and the time between two probes. Default: 5,000. */
  readonly openMs?: number;
};

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
  { failuresInARow = 5, unansweredInARow = 3, failingCustomers = 5, openMs = 5_000 }: BreakerOptions,
  now: () => number = () => performance.now(),
): Breakers {
  const customers = createCustomerBreakers({ failuresInARow, unansweredInARow, openMs });
  const provider = createProviderBreaker({ failingCustomers, openMs });
  const isClosed = (customerId: string) => customers.isClosed(customerId) && provider.isClosed();
  return {
    isClosed,
    allows(customerId) {
      const at = now();
      return customers.allows(customerId, at) && provider.allows(customerId, at);
    },
    begin(customerId) {
      const begunAt = now();
      customers.begin(customerId, begunAt);
      provider.begin(customerId, begunAt);
      return {
        mayRepeat: () => isClosed(customerId),
        end(outcome) {
          const at = now();
          if (outcome === "answered") {
            customers.succeeded(customerId);
            provider.succeeded(customerId, at);
          } else {
            customers.failed(customerId, { begunAt, at, isUnanswered: outcome === "unanswered" });
            provider.failed(customerId, { begunAt, at });
          }
        },
      };
    },
  };
}

type FailedCall = { readonly begunAt: number; readonly at: number };

type CustomerState = { failures: number; unanswered: number; lastFailedAt: number; openUntil?: number };

/** Bounds the memory. An evicted customer has a closed breaker again. */
const maxFailingCustomers = 5_000;

/** A breaker for each customer, by how its last calls ended. Pure: the time is passed in. */
function createCustomerBreakers(
  options: Required<Pick<BreakerOptions, "failuresInARow" | "unansweredInARow" | "openMs">>,
) {
  const { failuresInARow, unansweredInARow, openMs } = options;
  /** Customers whose last call failed. */
  const failing = new LRUCache<string, CustomerState>({ max: maxFailingCustomers });

  return {
    isClosed: (customerId: string): boolean => failing.get(customerId)?.openUntil === undefined,
    allows(customerId: string, at: number): boolean {
      const openUntil = failing.get(customerId)?.openUntil;
      return openUntil === undefined || at >= openUntil;
    },
    begin(customerId: string, at: number): void {
      const state = failing.get(customerId);
      // The call is a probe. No other is sent while it is under way, unless it takes longer than `openMs`.
      if (state?.openUntil !== undefined) state.openUntil = at + openMs;
    },
    succeeded(customerId: string): void {
      failing.delete(customerId);
    },
    failed(customerId: string, { begunAt, at, isUnanswered }: FailedCall & { isUnanswered: boolean }): void {
      const state = failing.get(customerId) ?? {
        failures: 0,
        unanswered: 0,
        lastFailedAt: Number.NEGATIVE_INFINITY,
      };
      failing.set(customerId, state);
      // Concurrent calls, such as those for several calendars of one reading, count as one failure.
      if (begunAt >= state.lastFailedAt) {
        state.failures += 1;
        state.unanswered = isUnanswered ? state.unanswered + 1 : 0;
        state.lastFailedAt = at;
      }
      if (state.failures >= failuresInARow || state.unanswered >= unansweredInARow)
        state.openUntil = at + openMs;
    },
  };
}

/** An older failure is no evidence of an outage now. */
const sampleMs = 60_000;

/** Probes for customers that haven't failed are sent this many times as often as for those that have. */
const freshProbes = 5;

/**
 * One breaker for the whole provider. Pure: the time is passed in.
 *
 * An open breaker sends probes at intervals and waits for none of them. The first answered probe closes it. Calls for
 * customers that haven't failed become probes sooner: where the faults of a few customers look like an outage, the
 * other customers are served again within a second. A customer that failed while another was answered has a fault of its
 * own, and is no evidence of an outage until it was answered itself.
 */
function createProviderBreaker({
  failingCustomers,
  openMs,
}: Required<Pick<BreakerOptions, "failingCustomers" | "openMs">>) {
  /**
   * When each customer last failed or was probed for, oldest first. While the breaker is closed it has fewer entries than
   * `failingCustomers`; while it is open, the calls that were under way and one minute's probes are added.
   */
  const failedAt = new Map<string, number>();
  const ownFaults = createOwnFaults();
  let isOpen = false;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let nextProbeAt = 0;
  let nextFreshProbeAt = 0;
  /** The customer of the last probe for customers that haven't failed. */
  let freshCustomer: string | undefined;

  function addFailure(customerId: string, at: number): void {
    failedAt.delete(customerId);
    failedAt.set(customerId, at);
    for (const [customer, time] of failedAt) {
      if (time >= at - sampleMs) break;
      failedAt.delete(customer);
    }
  }

  return {
    isClosed: (): boolean => !isOpen,
    allows(customerId: string, at: number): boolean {
      if (!isOpen) return true;
      const failed = failedAt.get(customerId);
      if (failed === undefined) return at >= nextFreshProbeAt;
      return at >= failed + openMs && at >= nextProbeAt;
    },
    begin(customerId: string, at: number): void {
      if (!isOpen) return;
      if (failedAt.has(customerId)) {
        nextProbeAt = at + openMs;
      } else {
        nextFreshProbeAt = at + openMs / freshProbes;
        freshCustomer = customerId;
      }
      addFailure(customerId, at);
    },
    succeeded(customerId: string, at: number): void {
      answeredAt = at;
      isOpen = false;
      for (const customer of failedAt.keys()) ownFaults.add(customer, at);
      ownFaults.remove(customerId);
      failedAt.clear();
    },
    failed(customerId: string, { begunAt, at }: FailedCall): void {
      // Since this call was sent, another one was answered.
      if (begunAt < answeredAt) return;
      if (!isOpen && ownFaults.has(customerId, at)) {
        ownFaults.add(customerId, at);
        return;
      }
      // After a failed probe the next one is for another customer, since the fault may be this customer's own.
      addFailure(customerId, isOpen ? at + openMs : at);
      if (customerId === freshCustomer) nextFreshProbeAt = Math.min(nextFreshProbeAt, at);
      if (isOpen || failedAt.size < failingCustomers) return;
      isOpen = true;
      nextProbeAt = at + openMs;
      nextFreshProbeAt = at;
    },
  };
}

/** How long a fault of a customer's own is remembered. */
const ownFaultMs = 600_000;

/** Bounds the memory. The failures of an evicted customer are evidence again. */
const maxOwnFaults = 5_000;

/** Customers that failed while others were answered. */
function createOwnFaults() {
  const failedAt = new LRUCache<string, number>({ max: maxOwnFaults });
  return {
    has(customerId: string, at: number): boolean {
      const since = failedAt.get(customerId);
      return since !== undefined && at < since + ownFaultMs;
    },
    add: (customerId: string, at: number): void => void failedAt.set(customerId, at),
    remove: (customerId: string): void => void failedAt.delete(customerId),
  };
}
