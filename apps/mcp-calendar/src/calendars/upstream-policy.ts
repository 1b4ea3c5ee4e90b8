import { BrokenCircuitError, DelegateBackoff, handleWhen, type IRetryBackoffContext, retry } from "cockatiel";
import { type BreakerOptions, createBreaker, providerIsDown } from "./breaker.ts";
import { CalendarError } from "./calendar.ts";
import { explainGoogleFailure, googleStatus, isUnanswered, pauseOf } from "./google-failure.ts";
import { createRequestBudget, type RequestBudget } from "./request-budget.ts";

/**
 * How requests are sent to a provider: within its quota, again where that is safe and may help, and not
 * at all for a moment where it is down.
 */
export type UpstreamPolicy = {
  /**
   * @param safety `repeatable`: done twice it is the same as once. `once`: repeated only where the
   * provider said that it did nothing.
   * @throws CalendarError where nothing was sent, else what `send` throws.
   */
  run<T>(customerId: string, safety: "repeatable" | "once", send: () => Promise<T>): Promise<T>;
};

export type UpstreamPolicyOptions = BreakerOptions & {
  /** Requests a minute. */
  readonly perCustomer: number;
  readonly perProject: number;
  /** The longest wait before the first repetition; the second may take three times as long. */
  readonly repeatAfterMs?: number;
};

const mostRepeats = 2;
/** Somebody waits for the answer: a second try that comes late helps nobody. */
const latestRepeatMs = 2_000;
const longestPauseMs = 300_000;
/** A timer may fire a little early: by then the pause that was asked for has to be over. */
const timerSlackMs = 5;

export function createUpstreamPolicy(options: UpstreamPolicyOptions): UpstreamPolicy {
  const { perCustomer, perProject, repeatAfterMs = 450 } = options;
  // Full jitter, so that those who failed together don't come back together; what the provider asks for counts first.
  const backoff = new DelegateBackoff(({ attempt, result }: IRetryBackoffContext<unknown>) => {
    const asked = "error" in result ? pauseOf(result.error) : undefined;
    if (asked !== undefined) return asked + timerSlackMs;
    return Math.random() * repeatAfterMs * 3 ** (attempt - 1);
  });
  const budget = createRequestBudget({ perCustomer, perProject });
  const breaker = createBreaker(handleWhen(isUnanswered), handleWhen(isSilence), options);

  return {
    async run(customerId, safety, send) {
      const begun = performance.now();
      const mayRepeat = (error: unknown) =>
        performance.now() - begun < latestRepeatMs && isWorthRepeating(error, safety);
      const repeating = retry(handleWhen(mayRepeat), { maxAttempts: mostRepeats, backoff });
      return repeating.execute(() => {
        const refusal = budget.take(customerId);
        if (refusal !== undefined) throw new CalendarError(refusal, refusals[refusal]);
        return breaker.execute(send).catch((error: unknown) => failed(budget, customerId, error));
      });
    },
  };
}

const refusals = {
  rate_limited: "our own budget is used up, or the provider has asked for a pause",
  calendar_unavailable: "the provider has asked for a pause",
} as const;

/** An answer, whatever it says, shows that somebody is there. */
function isSilence(error: unknown): boolean {
  return googleStatus(error) === undefined;
}

function failed(budget: RequestBudget, customerId: string, error: unknown): never {
  if (error instanceof BrokenCircuitError) {
    throw new CalendarError("calendar_unavailable", providerIsDown);
  }
  const pause = pauseOf(error);
  const { code } = explainGoogleFailure(error);
  if (pause !== undefined && (code === "rate_limited" || code === "calendar_unavailable")) {
    budget.pause(customerId, Math.min(pause, longestPauseMs), code);
  }
  throw error;
}

function isWorthRepeating(error: unknown, safety: "repeatable" | "once"): boolean {
  if (error instanceof CalendarError) return false;
  const { code, reason } = explainGoogleFailure(error);
  if ((pauseOf(error) ?? 0) > latestRepeatMs) return false;
  // A day's quota doesn't come back in a second.
  if (code === "rate_limited") return reason !== "quotaExceeded";
  return safety === "repeatable" && isUnanswered(error);
}
