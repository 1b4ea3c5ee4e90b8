/**
 * When requests to a calendar's provider are sent: within its quota (`request-budget.ts`), again where repeating is safe
 * and may help (here), and not at all while the provider is down (`breakers.ts`). Renewals of access tokens have breakers
 * only (`renewals.ts`). `customer-requests.ts` sends a request with its customer's token.
 * What a request is and what a response means is known in the provider's folder, such as `../google`.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { CalendarError, type CallOptions, type RequestReservation } from "../calendar.ts";
import { type BreakerOptions, type CallOutcome, createBreakers, ProviderDownError } from "./breakers.ts";
import {
  type BudgetLimits,
  createRequestBudget,
  type Refusal,
  type RequestBudget,
} from "./request-budget.ts";

/** @see docs/decisions/0014-asking-google-again.md */
export type UpstreamPolicy = {
  /**
   * @param safety `repeatable`: sent twice, it does the same as once. `once`: repeated only where the provider
   * said that it did nothing.
   * @throws CalendarError where nothing was sent, what `beforeAttempt` throws, else what `send` throws.
   */
  run<T>(
    customerId: string,
    safety: "repeatable" | "once",
    send: () => Promise<T>,
    options?: CallOptions,
  ): Promise<T>;
  /** Whether requests of a customer may be sent at once. While its provider was down a moment ago, one has to go ahead. */
  mayRunAtOnce(customerId: string): boolean;
  /** Reserves requests for one sequence of calls. @throws CalendarError where not all of them are left. */
  reserve(customerId: string, requests: number): RequestReservation;
};

export type UpstreamPolicyOptions = BreakerOptions &
  BudgetLimits & {
    /** The longest wait before the first repetition; the second may take three times as long. Default: 450. */
    readonly repeatAfterMs?: number;
  };

/** What an error of a request says about sending it again. */
export type RequestFailure = {
  readonly outcome: CallOutcome;
  readonly code: CalendarError["code"];
  /** How long the provider asks us to wait. */
  readonly pauseMs: number | undefined;
  /** A day's quota of one kind, such as invitations: requests of other kinds are answered all the same. */
  readonly isDailyQuotaUsedUp: boolean;
};

const maxRepeats = 2;
/** The caller waits for the response, so later repetitions are useless. */
const repeatWithinMs = 2_000;
const maxPauseMs = 300_000;
/** Timers may fire a little early, and the pause that the provider asked for must be over then. */
const timerSlackMs = 5;

/** @param assess what an error of `send` means. */
export function createUpstreamPolicy(
  options: UpstreamPolicyOptions,
  assess: (error: unknown) => RequestFailure,
): UpstreamPolicy {
  const { repeatAfterMs = 450 } = options;
  const budget = createRequestBudget(options);
  const breakers = createBreakers(options);

  function expectUp(customerId: string): void {
    if (breakers.allows(customerId)) return;
    const cause = new ProviderDownError();
    throw new CalendarError("calendar_unavailable", cause.message, { cause });
  }

  return {
    async run(customerId, safety, send, { beforeAttempt, reservation } = {}) {
      const begunAt = performance.now();
      await beforeAttempt?.();
      expectUp(customerId);
      expectBudget(budget.take(customerId, reservation));
      const call = breakers.begin(customerId);
      let outcome: CallOutcome = "answered";
      try {
        for (let repeats = 0; ; repeats++) {
          try {
            return await send();
          } catch (error) {
            const failure = assess(error);
            outcome = failure.outcome;
            keepPause(budget, customerId, failure);
            const isSoon = performance.now() - begunAt < repeatWithinMs;
            if (repeats >= maxRepeats || !isSoon || !mayRepeat(error, failure, safety)) throw error;
            await sleep(waitMs(failure, repeatAfterMs, repeats));
            if (!call.mayRepeat()) throw error;
          }
          await beforeAttempt?.();
          expectBudget(budget.take(customerId, reservation));
          outcome = "answered";
        }
      } finally {
        call.end(outcome);
      }
    },

    mayRunAtOnce: breakers.isClosed,

    reserve(customerId, requests) {
      expectUp(customerId);
      const reserved = budget.reserve(customerId, requests);
      if (typeof reserved !== "string") return reserved;
      throw refusedError(reserved);
    },
  };
}

const refusalReasons = {
  rate_limited: "our own budget is used up, or the provider has asked for a pause",
  calendar_unavailable: "the provider has asked for a pause",
} as const;

function refusedError(refusal: Refusal): CalendarError {
  return new CalendarError(refusal, refusalReasons[refusal]);
}

function expectBudget(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw refusedError(refusal);
}

function keepPause(budget: RequestBudget, customerId: string, failure: RequestFailure): void {
  const { code, pauseMs, isDailyQuotaUsedUp } = failure;
  if (pauseMs === undefined || isDailyQuotaUsedUp) return;
  if (code === "rate_limited" || code === "calendar_unavailable")
    budget.pause(customerId, Math.min(pauseMs, maxPauseMs), code);
}

function mayRepeat(error: unknown, failure: RequestFailure, safety: "repeatable" | "once"): boolean {
  // The response came and doesn't parse: the next one wouldn't either.
  if (error instanceof CalendarError) return false;
  if ((failure.pauseMs ?? 0) > repeatWithinMs) return false;
  if (failure.code === "rate_limited") return !failure.isDailyQuotaUsedUp;
  return safety === "repeatable" && failure.outcome !== "answered";
}

/** The provider's own pause, or else full jitter, so that calls which failed together aren't repeated together. */
function waitMs({ pauseMs }: RequestFailure, repeatAfterMs: number, repeats: number): number {
  return pauseMs === undefined ? Math.random() * repeatAfterMs * 3 ** repeats : pauseMs + timerSlackMs;
}
