import type { BoundAttendee } from "@cita/mcp-endpoint";

/** The ids that an appointment has of its attendee. */
export type AttendeeIds = { readonly phone: string | null; readonly ref: string | null };

/**
 * Whether an appointment is this person's. Where both have a reference, the reference decides, because it always
 * stays one person's. A phone number may have been somebody else's before. The same rule as a query is in
 * `ledger-attendees.ts`.
 */
export function belongsTo({ phone, ref }: AttendeeIds, person: BoundAttendee): boolean {
  if (person.ref !== null && ref !== null) return ref === person.ref;
  return person.phone !== null && phone === person.phone;
}
