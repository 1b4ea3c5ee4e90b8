/**
 * Who is being served. A call may be bound to one person, whom the channel knows by a phone number, an opaque
 * reference, or both: never a model's word. What such a person may reach and change is decided here; the headers
 * are read in `mcp/attendee-headers.ts`, and the same rule as a query is in `bookings/ledger-attendees.ts`.
 */

/** The person a call is bound to. */
export type BoundAttendee =
  | { readonly phone: string; readonly ref: string | null }
  | { readonly phone: null; readonly ref: string };

/** By what an appointment knows its person. */
export type AttendeeIds = { readonly phone: string | null; readonly ref: string | null };

/**
 * Whether an appointment is this person's. A reference is one person's for good and decides where both have one;
 * a phone number may have been somebody else's before.
 */
export function belongsTo({ phone, ref }: AttendeeIds, person: BoundAttendee): boolean {
  if (person.ref !== null && ref !== null) return ref === person.ref;
  return person.phone !== null && phone === person.phone;
}

/** Tools that reach appointments of persons: under a key for attendees they need one. */
export const attendeeTools: ReadonlySet<string> = new Set([
  "book",
  "list_bookings",
  "reschedule_booking",
  "cancel_booking",
]);
