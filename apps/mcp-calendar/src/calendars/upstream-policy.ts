import { setTimeout as sleep } from "node:timers/promises";
import { type BreakerOptions, type CallOutcome, createBreakers, ProviderDownError } from "./breakers.ts";
import { CalendarError, type CallOptions, type RequestReservation } from "./calendar.ts";
import { explainGoogleFailure, googleStatus, isUnanswered, pauseOf } from "./google-failure.ts";
import {
  type BudgetLimits,
  createRequestBudget,
  type Refusal,
  type RequestBudget,
} from "./request-budget.ts";

/**
 * How requests are sent to a provider: within its quota, again where that is safe and may help, and not
 * at all for a moment where it is down.
 */
export type UpstreamPolicy = {
  /**
   * @param safety `repeatable`: done twice it is the same as once. `once`: repeated only where the
   * provider said that it did nothing.
   * @throws CalendarError where nothing was sent, what `beforeAttempt` throws, else what `send` throws.
   */
  run<T>(
    customerId: string,
    safety: "repeatable" | "once",
    send: () => Promise<T>,
    options?: CallOptions,
  ): Promise<T>;
  /** Sets requests aside for calls that are to be finished. @throws CalendarError where there aren't as many. */
  reserve(customerId: string, requests: number): RequestReservation;
};

export type UpstreamPolicyOptions = BreakerOptions &
  BudgetLimits & {
    /** The longest wait before the first repetition; the second may take three times as long. */
    readonly repeatAfterMs?: number;
  };

const maxRepeats = 2;
/** Somebody waits for the answer: a second try that comes late helps nobody. */
const repeatWithinMs = 2_000;
const maxPauseMs = 300_000;
/** A timer may fire a little early: by then the pause that was asked for has to be over. */
const timerSlackMs = 5;

export function createUpstreamPolicy(options: UpstreamPolicyOptions): UpstreamPolicy {
  const { repeatAfterMs = 450 } = options;
  const budget = createRequestBudget(options);
  const breakers = createBreakers(options);

  /** Full jitter, so that those who failed together don't come back together; what the provider asks for counts first. */
  function waitBeforeRepeat(error: unknown, repeats: number): number {
    const asked = pauseOf(error);
    return asked === undefined ? Math.random() * repeatAfterMs * 3 ** repeats : asked + timerSlackMs;
  }

  function expectUp(customerId: string): void {
    if (breakers.allows(customerId)) return;
    const cause = new ProviderDownError();
    throw new CalendarError("calendar_unavailable", cause.message, { cause });
  }

  return {
    async run(customerId, safety, send, { beforeAttempt, reservation } = {}) {
      const begunAt = performance.now();
      const mayRepeat = (error: unknown, repeats: number) =>
        repeats < maxRepeats &&
        performance.now() - begunAt < repeatWithinMs &&
        isWorthRepeating(error, safety);
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
            outcome = outcomeOf(error);
            keepPause(budget, customerId, error);
            if (!mayRepeat(error, repeats)) throw error;
            await sleep(waitBeforeRepeat(error, repeats));
            if (!call.mayRepeat()) throw error;
          }
          await beforeAttempt?.();
          expectBudget(budget.take(customerId, reservation));
          outcome = "answered";
        }
      } finally {
        call.ended(outcome);
      }
    },

    reserve(customerId, requests) {
      expectUp(customerId);
      const reserved = budget.reserve(customerId, requests);
      if (typeof reserved !== "string") return reserved;
      throw refused(reserved);
    },
  };
}

const refusals = {
  rate_limited: "our own budget is used up, or the provider has asked for a pause",
  calendar_unavailable: "the provider has asked for a pause",
} as const;

function refused(refusal: Refusal): CalendarError {
  return new CalendarError(refusal, refusals[refusal]);
}

function expectBudget(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw refused(refusal);
}

/** What can't be read was answered by somebody, as by a proxy. */
function outcomeOf(error: unknown): CallOutcome {
  if (!isUnanswered(error)) return "answered";
  return googleStatus(error) === undefined && !(error instanceof CalendarError) ? "silent" : "failed";
}

function keepPause(budget: RequestBudget, customerId: string, error: unknown): void {
  const pause = pauseOf(error);
  const { code } = explainGoogleFailure(error);
  if (pause !== undefined && (code === "rate_limited" || code === "calendar_unavailable")) {
    budget.pause(customerId, Math.min(pause, maxPauseMs), code);
  }
}

function isWorthRepeating(error: unknown, safety: "repeatable" | "once"): boolean {
  if (error instanceof CalendarError) return false;
  const { code, reason } = explainGoogleFailure(error);
  if ((pauseOf(error) ?? 0) > repeatWithinMs) return false;
  // A day's quota doesn't come back in a second.
  if (code === "rate_limited") return reason !== "quotaExceeded";
  return safety === "repeatable" && isUnanswered(error);
}
