/**
 * How an attempt to change something is made: it waits for the same request where that is under way, and it is
 * counted against its attendee's limits.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { BoundAttendee } from "@cita/mcp-endpoint";
import { CalendarError } from "../calendars/calendar.ts";
import { BookingError } from "./booking-error.ts";
import type { Change, Ledger } from "./ledger/ledger.ts";

/** Who asks for a booking or a change. */
export type Requester = {
  readonly customerId: string;
  /** The attendee that the call is bound to, whose limits apply; undefined: the business itself asks, without limits. */
  readonly attendee: BoundAttendee | undefined;
};

/** How an attempt ended. */
export type Outcome<Booking> = { readonly isChanged: boolean; readonly booking: Booking };

/**
 * Makes a change if its attendee may make one more within the hour. A change that failed or wasn't needed isn't
 * counted; a change without an answer is. Calls that repeat a change under way count once.
 * @throws BookingError `too_many_changes`, `cancellations_stopped`, and what `attempt` throws.
 */
export async function countChange<Booking>(
  { ledger }: { ledger: Ledger },
  { customerId, attendee }: Requester,
  change: Change,
  attempt: () => Promise<Outcome<Booking>>,
): Promise<Booking> {
  const id = attendee && (await ledger.beginChange(customerId, attendee, change));
  if (id === undefined) return (await attempt()).booking;
  try {
    const { isChanged, booking } = await attempt();
    await (isChanged ? ledger.endChange(id) : ledger.dropChange(id));
    return booking;
  } catch (error) {
    if (!mayHaveHappened(change, error)) await ledger.dropChange(id);
    throw error;
  }
}

/** An insert without an answer is undone by the booking's own clean-up. A removal can't be undone. */
function mayHaveHappened({ kind }: Change, error: unknown): boolean {
  if (error instanceof BookingError) return error.code === "unsettled";
  return kind === "cancel" && error instanceof CalendarError && error.outcomeUnknown;
}

/** How long a repeated request waits for the first one: as long as all calls of a booking may take. */
const maxWaitMs = 20_000;
const waitStepMs = 50;

/**
 * Repeats an attempt while the same request, or another move of the booking, is under way in any process.
 * @throws BookingError `in_progress` after 20 seconds, and whatever else `attempt` throws.
 */
export async function retryWhileInProgress<T>(attempt: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + maxWaitMs; ; await sleep(waitStepMs)) {
    try {
      return await attempt();
    } catch (error) {
      const isInProgress = error instanceof BookingError && error.code === "in_progress";
      if (!isInProgress || performance.now() > deadline) throw error;
    }
  }
}
