import type { BoundAttendee } from "@cita/mcp-endpoint";
import { CalendarError } from "../calendars/calendar.ts";
import { BookingError } from "./booking.ts";
import type { Change, Ledger } from "./ledger.ts";

/** Who asks for a booking or a change. */
export type Requester = {
  readonly customerId: string;
  /** The person that the call is bound to, whose limits apply; undefined: the business itself asks, without limits. */
  readonly person: BoundAttendee | undefined;
};

/**
 * Makes a change, provided that its person may make one more within the hour. A change that failed or that wasn't
 * needed isn't counted; one whose outcome is unknown is. Calls that repeat a change under way count once.
 * @param work makes the change, and calls `noteUnchanged` if nothing had to be changed.
 * @throws BookingError `too_many_changes`, `cancellations_stopped`, and what `work` throws.
 */
export async function countChange<T>(
  { ledger }: { ledger: Ledger },
  { customerId, person }: Requester,
  change: Change,
  work: (noteUnchanged: () => void) => Promise<T>,
): Promise<T> {
  let isUnchanged = false;
  const noteUnchanged = () => {
    isUnchanged = true;
  };
  if (person === undefined) return work(noteUnchanged);
  const id = await ledger.beginChange(customerId, person, change);
  if (id === undefined) return work(noteUnchanged);
  try {
    const changed = await work(noteUnchanged);
    await (isUnchanged ? ledger.dropChange(id) : ledger.endChange(id));
    return changed;
  } catch (error) {
    if (!mayHaveHappened(change, error)) await ledger.dropChange(id);
    throw error;
  }
}

/** An insert whose outcome is unknown is undone by the booking's own clean-up; a removal can't be undone. */
function mayHaveHappened({ kind }: Change, error: unknown): boolean {
  if (error instanceof BookingError) return error.code === "unsettled";
  return kind === "cancel" && error instanceof CalendarError && error.outcomeUnknown;
}
