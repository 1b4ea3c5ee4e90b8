import type { ExpectedBooking } from "./conversation.ts";
import type { Snapshot } from "./snapshot.ts";

/** Where the bookings of a snapshot differ from those that there should be. */
export function findDifferences({ bookings }: Snapshot, expected: readonly ExpectedBooking[]): string[] {
  const [actualTexts, expectedTexts] = [bookings.map(toExpected).map(format), expected.map(format)];
  return [
    ...findMissing(actualTexts, expectedTexts).map((booking) => `not booked: ${booking}`),
    ...findMissing(expectedTexts, actualTexts).map((booking) => `booked, and shouldn't be: ${booking}`),
  ];
}

/** The bookings at the times of their events: the ledger follows a move by the business only at its next reading. */
export function toCalendarBookings({ bookings, events }: Snapshot): ExpectedBooking[] {
  return bookings.flatMap((booking) => {
    const event = events.find(({ id }) => id === booking.event_id);
    return event ? [{ ...toExpected(booking), start: new Date(event.start).toISOString() }] : [];
  });
}

function toExpected(booking: Snapshot["bookings"][number]): ExpectedBooking {
  const { start, service, attendee_name, attendee_phone, attendee_email } = booking;
  return { start, service, attendee_name, attendee_phone, attendee_email };
}

function format({ start, service, attendee_name, attendee_phone, attendee_email }: ExpectedBooking): string {
  return [new Date(start).toISOString(), service, attendee_name, attendee_phone, attendee_email].join(" ");
}

/** The texts of `wanted` that `found` lacks. Where a text occurs more than once, each occurrence counts. */
function findMissing(found: readonly string[], wanted: readonly string[]): string[] {
  const left = [...found];
  return wanted.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
