import { minuteMs } from "@cita/scheduling";
import { LRUCache } from "lru-cache";
import type { RequestReservation } from "../calendar.ts";

/**
 * Keeps our requests below the provider's quota with token buckets: one for each customer and one for the project, each
 * filled evenly up to one minute's quota. While the project's bucket is nearly empty, customers with many requests in the
 * last minute are refused before those with few. Instances that share a database share the project's quota.
 * @see docs/decisions/0030-fair-shares-of-the-quota.md, 0076-one-quota-for-all-instances.md
 */
export type RequestBudget = {
  /**
   * Takes one request, from the customer's reservation where one is given and not used up.
   * @returns undefined where the request may be sent, else why not.
   */
  take(customerId: string, reservation?: RequestReservation): Refusal | undefined;
  /** Takes several requests at once, for later `take`s. @returns why not, where not all of them are left. */
  reserve(customerId: string, requests: number): RequestReservation | Refusal;
  /** The provider has asked for a pause. */
  pause(customerId: string, ms: number, because: Refusal): void;
};

/** Requests a minute. */
export type BudgetLimits = {
  readonly perCustomer: number;
  /** Of all instances together. */
  readonly perProject: number;
  /** How many instances are alive, each of which has the same share of `perProject`. Default: this one alone. */
  readonly countInstances?: () => number;
};

/** The code of the CalendarError that the caller gets. */
export type Refusal = "rate_limited" | "calendar_unavailable";

type Bucket = { left: number; filledAt: number };

/** `recentUse`: the requests taken, decaying over one minute; at a steady rate it equals the requests a minute. */
type CustomerBucket = Bucket & { recentUse: number };

/** Bounds the memory. An evicted customer begins with a full bucket again. */
const maxCustomers = 5_000;

/** While less than this share of the project's bucket is left, `maxRecentUse` limits customers. */
const scarceShare = 0.25;

/** @param now milliseconds of a clock that never goes back. */
export function createRequestBudget(
  limits: BudgetLimits,
  now: () => number = () => performance.now(),
): RequestBudget {
  const { perCustomer, perProject, countInstances = () => 1 } = limits;
  const ownShare = () => perProject / countInstances();
  const customers = new LRUCache<string, CustomerBucket>({ max: maxCustomers });
  const pauses = createPauses(now);
  const project = { left: ownShare(), filledAt: now() };
  const reservations = new WeakMap<RequestReservation, { readonly customerId: string; left: number }>();

  /** The customer's bucket; both buckets are filled up to now. */
  function fillBuckets(customerId: string): CustomerBucket {
    const at = now();
    const customer = customers.get(customerId) ?? { left: perCustomer, filledAt: at, recentUse: 0 };
    customers.set(customerId, customer);
    customer.recentUse *= Math.exp((customer.filledAt - at) / minuteMs);
    fill(customer, perCustomer, at);
    fill(project, ownShare(), at);
    return customer;
  }

  function spend(customerId: string, requests: number): Refusal | undefined {
    const customer = fillBuckets(customerId);
    if (customer.left < requests || project.left < requests) return "rate_limited";
    if (customer.recentUse > maxRecentUse(perCustomer, ownShare(), project.left)) return "rate_limited";
    customer.left -= requests;
    customer.recentUse += requests;
    project.left -= requests;
    return undefined;
  }

  function giveBack(customerId: string, requests: number): void {
    const customer = fillBuckets(customerId);
    customer.left = Math.min(perCustomer, customer.left + requests);
    customer.recentUse = Math.max(0, customer.recentUse - requests);
    project.left = Math.min(ownShare(), project.left + requests);
  }

  /** A customer never spends another customer's reservation. */
  function spendReserved(customerId: string, reservation: RequestReservation | undefined): boolean {
    const reserved = reservation && reservations.get(reservation);
    if (reserved === undefined || reserved.customerId !== customerId || reserved.left < 1) return false;
    reserved.left -= 1;
    return true;
  }

  return {
    take(customerId, reservation) {
      const paused = pauses.find(customerId);
      if (paused !== undefined) return paused;
      return spendReserved(customerId, reservation) ? undefined : spend(customerId, 1);
    },
    reserve(customerId, requests) {
      const refusal = pauses.find(customerId) ?? spend(customerId, requests);
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
    pause: pauses.begin,
  };
}

function createPauses(now: () => number) {
  const pauses = new LRUCache<string, { until: number; because: Refusal }>({ max: maxCustomers });
  return {
    begin(customerId: string, ms: number, because: Refusal): void {
      pauses.set(customerId, { until: now() + ms, because });
    },
    find(customerId: string): Refusal | undefined {
      const pause = pauses.get(customerId);
      return pause !== undefined && pause.until > now() ? pause.because : undefined;
    },
  };
}

function fill(bucket: Bucket, perMinute: number, at: number): void {
  bucket.left = Math.min(perMinute, bucket.left + ((at - bucket.filledAt) / minuteMs) * perMinute);
  bucket.filledAt = at;
}

/**
 * The recent use up to which a customer is served: max-min fairness without knowing which customers will ask next. It
 * falls with the level of the project's bucket. The level settles where the greediest customers together take what flows
 * in, each the same, so that customers with a lower use are served. The square keeps the settled levels of many greedy
 * customers more than one request apart.
 */
function maxRecentUse(perCustomer: number, perProject: number, left: number): number {
  const fullness = left / (scarceShare * perProject);
  return fullness >= 1 ? Number.POSITIVE_INFINITY : Math.min(perCustomer, perProject) * fullness ** 2;
}
