/**
 * Whether the provider is down for everybody: so many customers have failed, and nobody was answered
 * meanwhile. Pure: the time is passed in, in milliseconds of a clock that never goes back.
 */
export type ProviderBreaker = {
  isClosed(): boolean;
  /** Whether a call for this customer may be sent now: as usual, or as a probe. */
  allows(customerId: string, at: number): boolean;
  begin(customerId: string, at: number): void;
  succeeded(at: number): void;
  failed(customerId: string, call: { readonly begunAt: number; readonly at: number }): void;
};

export type ProviderBreakerOptions = {
  /** How many customers must have failed. */
  readonly failingCustomers: number;
  /** How long those who have failed aren't asked for, and the time between two probes for them. */
  readonly openMs: number;
};

/** A failure that is older says nothing of now. */
const sampleMs = 60_000;

/**
 * How many probes for customers who haven't failed there may be in the time of one for those who have, while
 * nobody answers them.
 */
const freshProbes = 5;

/**
 * An open breaker sends probes at intervals and never waits for one: the first that is answered closes it.
 * Customers who haven't failed are asked for sooner than those who have, so that the troubles of a few, taken
 * for an outage, cost the others next to nothing; in an outage each of them finds out once.
 */
export function createProviderBreaker(options: ProviderBreakerOptions): ProviderBreaker {
  const { failingCustomers, openMs } = options;
  /**
   * When a customer last failed or was probed for, the oldest first. Closed, it is smaller than it takes to
   * open; open, it grows by the calls that were under way and by the probes of a minute.
   */
  const failedAt = new Map<string, number>();
  let isOpen = false;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let nextProbeAt = 0;
  let nextFreshProbeAt = 0;
  /** The customer of the last probe for customers who haven't failed. */
  let freshCustomer: string | undefined;

  function note(customerId: string, at: number): void {
    failedAt.delete(customerId);
    failedAt.set(customerId, at);
    for (const [customer, time] of failedAt) {
      if (time >= at - sampleMs) break;
      failedAt.delete(customer);
    }
  }

  return {
    isClosed: () => !isOpen,
    allows(customerId, at) {
      if (!isOpen) return true;
      const failed = failedAt.get(customerId);
      if (failed === undefined) return at >= nextFreshProbeAt;
      return at >= failed + openMs && at >= nextProbeAt;
    },
    begin(customerId, at) {
      if (!isOpen) return;
      if (failedAt.has(customerId)) {
        nextProbeAt = at + openMs;
      } else {
        nextFreshProbeAt = at + openMs / freshProbes;
        freshCustomer = customerId;
      }
      note(customerId, at);
    },
    succeeded(at) {
      answeredAt = at;
      isOpen = false;
      failedAt.clear();
    },
    failed(customerId, { begunAt, at }) {
      // Somebody was answered since this call was sent.
      if (begunAt < answeredAt) return;
      // Whoever was probed for in vain leaves the next probe to another: it may be that customer's own trouble.
      note(customerId, isOpen ? at + openMs : at);
      if (customerId === freshCustomer) nextFreshProbeAt = Math.min(nextFreshProbeAt, at);
      if (isOpen || failedAt.size < failingCustomers) return;
      isOpen = true;
      nextProbeAt = at + openMs;
      nextFreshProbeAt = at;
    },
  };
}
