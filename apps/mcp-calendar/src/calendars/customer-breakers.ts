import { LRUCache } from "lru-cache";

/**
 * Whether the provider answers for a customer, by how that customer's last calls ended. Pure: the time is
 * passed in, in milliseconds of a clock that never goes back.
 */
export type CustomerBreakers = {
  /** Whether calls are sent as usual. */
  isClosed(customerId: string): boolean;
  /** Whether a call may be sent now: as usual, or as the probe of a breaker that has been open long enough. */
  allows(customerId: string, at: number): boolean;
  begin(customerId: string, at: number): void;
  succeeded(customerId: string): void;
  failed(customerId: string, call: FailedCall): void;
};

export type FailedCall = {
  readonly begunAt: number;
  readonly at: number;
  /** Nobody answered: it has kept somebody waiting, as long as the timeout at worst. */
  readonly silent: boolean;
};

export type CustomerBreakerOptions = {
  /** Failed calls in a row after which no more are sent for a while. */
  readonly failuresInARow: number;
  /** The same for calls that nobody answers. */
  readonly silentInARow: number;
  readonly openMs: number;
};

type Failing = { failures: number; silences: number; lastFailedAt: number; openUntil: number | undefined };

/** Bounds the memory: whoever is dropped is asked again. */
const maxCustomers = 5_000;

export function createCustomerBreakers(options: CustomerBreakerOptions): CustomerBreakers {
  const { failuresInARow, silentInARow, openMs } = options;
  /** Customers whose last call failed. */
  const failing = new LRUCache<string, Failing>({ max: maxCustomers });

  return {
    isClosed: (customerId) => failing.get(customerId)?.openUntil === undefined,
    allows(customerId, at) {
      const openUntil = failing.get(customerId)?.openUntil;
      return openUntil === undefined || at >= openUntil;
    },
    begin(customerId, at) {
      const state = failing.get(customerId);
      // A probe: no other is sent while it is under way, unless it takes longer than the breaker stays open.
      if (state?.openUntil !== undefined) state.openUntil = at + openMs;
    },
    succeeded(customerId) {
      failing.delete(customerId);
    },
    failed(customerId, { begunAt, at, silent }) {
      const state = failing.get(customerId) ?? newlyFailing();
      failing.set(customerId, state);
      // Calls that were under way together, as the pages of several calendars are, have failed for one reason.
      if (begunAt >= state.lastFailedAt) {
        state.failures += 1;
        state.silences = silent ? state.silences + 1 : 0;
        state.lastFailedAt = at;
      }
      if (state.failures >= failuresInARow || state.silences >= silentInARow) state.openUntil = at + openMs;
    },
  };
}

function newlyFailing(): Failing {
  return { failures: 0, silences: 0, lastFailedAt: Number.NEGATIVE_INFINITY, openUntil: undefined };
}
