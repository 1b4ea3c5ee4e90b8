import { setTimeout as sleep } from "node:timers/promises";
import { BookingError } from "./booking.ts";

/** How long a repeated request waits for the first one, which takes no longer than its calls may. */
const longestWaitMs = 20_000;
const waitStepMs = 50;

/**
 * Repeats an attempt while the same request, or another move of the booking, is under way in any process.
 * @throws BookingError `in_progress` after 20 seconds, and whatever else `attempt` throws.
 */
export async function untilSettled<T>(attempt: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + longestWaitMs; ; await sleep(waitStepMs)) {
    try {
      return await attempt();
    } catch (error) {
      const inProgress = error instanceof BookingError && error.code === "in_progress";
      if (!inProgress || performance.now() > deadline) throw error;
    }
  }
}
