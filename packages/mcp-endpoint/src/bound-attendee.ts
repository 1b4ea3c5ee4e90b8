/**
 * Who is being served. A call may be bound to one person, whom the channel identifies by a phone number, an opaque
 * reference, or both. The model has no say in it. Which appointments are this person's is decided here. The headers
 * are read in `mcp/attendee-headers.ts`; the same rule as a query, and the limits, are in
 * `bookings/ledger-attendees.ts`.
 */

/** The person a call is bound to. */
export type BoundAttendee =
  | { readonly phone: string; readonly ref: string | null }
  | { readonly phone: null; readonly ref: string };

/** The ids that an appointment has of its attendee. */
export type AttendeeIds = { readonly phone: string | null; readonly ref: string | null };

/**
 * Whether an appointment is this person's. Where both have a reference, the reference decides, because it always
 * stays one person's. A phone number may have been somebody else's before.
 */
export function belongsTo({ phone, ref }: AttendeeIds, person: BoundAttendee): boolean {
  if (person.ref !== null && ref !== null) return ref === person.ref;
  return person.phone !== null && phone === person.phone;
}

/** Tools that reach attendees' appointments. Under a key of audience `attendee` a call to them must name a person. */
export const attendeeTools: ReadonlySet<string> = new Set([
  "book",
  "list_bookings",
  "reschedule_booking",
  "cancel_booking",
]);
