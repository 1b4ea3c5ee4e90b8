import type { BoundAttendee } from "../attendees/bound-attendee.ts";
import { BookingError } from "./booking.ts";
import type { ChangeKind, Ledger } from "./ledger.ts";

/** Who wants to change something, where that is counted; undefined: the business, which may change all of it. */
export type ChangeMaker = { readonly customerId: string; readonly person: BoundAttendee | undefined };

/**
 * Makes a change if its person may make one more in this hour. What came to nothing doesn't count; what may have
 * come to something does.
 * @param change told by what to say that nothing had to be changed.
 * @throws BookingError `too_many_changes`, `cancellations_stopped`, and what `change` throws.
 */
export async function countedChange<T>(
  { ledger }: { ledger: Ledger },
  { customerId, person }: ChangeMaker,
  kind: ChangeKind,
  change: (noteNothing: () => void) => Promise<T>,
): Promise<T> {
  let isNothing = false;
  const noteNothing = () => {
    isNothing = true;
  };
  if (person === undefined) return change(noteNothing);
  const id = await ledger.beginChange(customerId, person, kind);
  try {
    const changed = await change(noteNothing);
    if (isNothing) await ledger.dropChange(id);
    return changed;
  } catch (error) {
    if (!(error instanceof BookingError && error.code === "unsettled")) await ledger.dropChange(id);
    throw error;
  }
}
