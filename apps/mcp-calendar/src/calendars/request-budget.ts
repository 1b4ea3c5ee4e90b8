import { LRUCache } from "lru-cache";
import type { RequestReservation } from "./calendar.ts";

/**
 * Keeps our requests under the provider's quota, so that the provider needn't: a bucket a customer and one for
 * all, each filled evenly up to a minute's worth. While the one for all is nearly empty, those who have taken
 * much in the last minute are refused before those who have taken little.
 */
export type RequestBudget = {
  /**
   * Takes one request's worth, of the customer's reservation where one is given and not used up.
   * @returns why not, when there is none left or the customer is to wait.
   */
  take(customerId: string, reservation?: RequestReservation): Refusal | undefined;
  /** Takes as many at once and keeps them for `take`. @returns why not, when there aren't as many. */
  reserve(customerId: string, requests: number): RequestReservation | Refusal;
  /** The provider has asked for a pause. */
  pause(customerId: string, ms: number, because: Refusal): void;
};

export type BudgetLimits = {
  /** Requests a minute. */
  readonly perCustomer: number;
  readonly perProject: number;
};

/** What whoever asks is to be told, as the codes of a `CalendarError`. */
export type Refusal = "rate_limited" | "calendar_unavailable";

type Bucket = { left: number; filledAt: number };

/** `recentUse`: what was taken, less with its age; at a steady rate it is the requests a minute. */
type CustomerBucket = Bucket & { recentUse: number };

/** Bounds the memory: whoever is dropped begins with a full bucket again. */
const maxCustomers = 5_000;
const minute = 60_000;

/** The part of the project's bucket in which requests are shared out by recent use. */
const scarcePart = 0.25;

/** @param now milliseconds of a clock that never goes back. */
export function createRequestBudget(
  limits: BudgetLimits,
  now: () => number = () => performance.now(),
): RequestBudget {
  const { perCustomer, perProject } = limits;
  const customers = new LRUCache<string, CustomerBucket>({ max: maxCustomers });
  const pauses = new LRUCache<string, { until: number; because: Refusal }>({ max: maxCustomers });
  const project = { left: perProject, filledAt: now() };
  const reservations = new WeakMap<RequestReservation, { readonly customerId: string; left: number }>();

  /** Both buckets as they are now. */
  function bucketsOf(customerId: string): { own: CustomerBucket; all: Bucket } {
    const at = now();
    const own = customers.get(customerId) ?? { left: perCustomer, filledAt: at, recentUse: 0 };
    customers.set(customerId, own);
    own.recentUse *= Math.exp((own.filledAt - at) / minute);
    fill(own, perCustomer, at);
    fill(project, perProject, at);
    return { own, all: project };
  }

  function spend(customerId: string, requests: number): Refusal | undefined {
    const { own, all } = bucketsOf(customerId);
    if (own.left < requests || all.left < requests) return "rate_limited";
    if (own.recentUse > largestUse(limits, all.left)) return "rate_limited";
    own.left -= requests;
    own.recentUse += requests;
    all.left -= requests;
    return undefined;
  }

  function giveBack(customerId: string, requests: number): void {
    const { own, all } = bucketsOf(customerId);
    own.left = Math.min(perCustomer, own.left + requests);
    own.recentUse = Math.max(0, own.recentUse - requests);
    all.left = Math.min(perProject, all.left + requests);
  }

  /** A customer never spends what was set aside for another. */
  function spendReserved(customerId: string, reservation: RequestReservation | undefined): boolean {
    const reserved = reservation && reservations.get(reservation);
    if (reserved === undefined || reserved.customerId !== customerId || reserved.left < 1) return false;
    reserved.left -= 1;
    return true;
  }

  function pauseOf(customerId: string): Refusal | undefined {
    const pause = pauses.get(customerId);
    return pause !== undefined && pause.until > now() ? pause.because : undefined;
  }

  return {
    take(customerId, reservation) {
      const paused = pauseOf(customerId);
      if (paused !== undefined) return paused;
      return spendReserved(customerId, reservation) ? undefined : spend(customerId, 1);
    },
    reserve(customerId, requests) {
      const refusal = pauseOf(customerId) ?? spend(customerId, requests);
      if (refusal !== undefined) return refusal;
      const reserved = { customerId, left: requests };
      const reservation: RequestReservation = {
        release() {
          if (reservations.delete(reservation)) giveBack(customerId, reserved.left);
        },
      };
      reservations.set(reservation, reserved);
      return reservation;
    },
    pause: (customerId, ms, because) => {
      pauses.set(customerId, { until: now() + ms, because });
    },
  };
}

function fill(bucket: Bucket, perMinute: number, at: number): void {
  bucket.left = Math.min(perMinute, bucket.left + ((at - bucket.filledAt) / minute) * perMinute);
  bucket.filledAt = at;
}

/**
 * The recent use up to which a customer is served. It falls with what is left in the project's bucket, so that
 * the bucket settles where the greedy together take what flows in, each the same, and whoever takes less finds
 * something left (max-min fairness without knowing who else will ask). The square keeps the levels at which
 * many greedy customers settle more than a request apart.
 */
function largestUse({ perCustomer, perProject }: BudgetLimits, left: number): number {
  const scarcity = left / (scarcePart * perProject);
  return scarcity >= 1 ? Number.POSITIVE_INFINITY : Math.min(perCustomer, perProject) * scarcity ** 2;
}
