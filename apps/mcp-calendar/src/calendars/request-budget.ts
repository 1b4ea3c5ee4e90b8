import { LRUCache } from "lru-cache";

/**
 * Keeps our requests under the provider's quota, so that it needn't: a bucket a customer and one for all,
 * each filled evenly up to a minute's worth.
 */
export type RequestBudget = {
  /** Takes one request's worth. @returns why not, when there is none left or the customer is to wait. */
  take(customerId: string): Refusal | undefined;
  /** The provider has asked for a pause. */
  pause(customerId: string, ms: number, because: Refusal): void;
};

/** What whoever asks is to be told, as the codes of a `CalendarError`. */
type Refusal = "rate_limited" | "calendar_unavailable";

type Bucket = { left: number; filledAt: number };

/** Bounds the memory: whoever is dropped begins with a full bucket again. */
const mostCustomers = 5_000;
const minute = 60_000;

/** @param now milliseconds of a clock that never goes back. */
export function createRequestBudget(
  limits: { readonly perCustomer: number; readonly perProject: number },
  now: () => number = () => performance.now(),
): RequestBudget {
  const customers = new LRUCache<string, Bucket>({ max: mostCustomers });
  const pauses = new LRUCache<string, { until: number; because: Refusal }>({ max: mostCustomers });
  const project = { left: limits.perProject, filledAt: now() };

  function fill(bucket: Bucket, perMinute: number): Bucket {
    const at = now();
    bucket.left = Math.min(perMinute, bucket.left + ((at - bucket.filledAt) / minute) * perMinute);
    bucket.filledAt = at;
    return bucket;
  }

  return {
    take(customerId) {
      const pause = pauses.get(customerId);
      if (pause !== undefined && pause.until > now()) return pause.because;
      const known = customers.get(customerId) ?? { left: limits.perCustomer, filledAt: now() };
      customers.set(customerId, known);
      const own = fill(known, limits.perCustomer);
      const all = fill(project, limits.perProject);
      if (own.left < 1 || all.left < 1) return "rate_limited";
      own.left -= 1;
      all.left -= 1;
      return undefined;
    },
    pause: (customerId, ms, because) => {
      pauses.set(customerId, { until: now() + ms, because });
    },
  };
}
