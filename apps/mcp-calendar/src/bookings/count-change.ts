import type { BoundAttendee } from "../attendees/bound-attendee.ts";
import { CalendarError } from "../calendars/calendar.ts";
import { BookingError } from "./booking.ts";
import type { Change, Ledger } from "./ledger.ts";

/** Who wants to change something, where that is counted; undefined: the business, which may change all of it. */
export type Requester = { readonly customerId: string; readonly person: BoundAttendee | undefined };

/**
 * Makes a change if its person may make one more in this hour. What came to nothing doesn't count; what may have
 * come to something does, once for all that repeat it.
 * @param work told by what to say that nothing had to be changed.
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

/** A booking that got no answer is taken back; a removal can't be. */
function mayHaveHappened({ kind }: Change, error: unknown): boolean {
  if (error instanceof BookingError) return error.code === "unsettled";
  return kind === "cancel" && error instanceof CalendarError && error.outcomeUnknown;
}
