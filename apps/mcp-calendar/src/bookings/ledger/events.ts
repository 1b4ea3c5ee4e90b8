/** The events of bookings, with times in the business's offset, as in the views of bookings. */

import type { EventBody, NewEvent } from "@cita/events";
import { createClock, formatTime, type Interval } from "@cita/scheduling";

type Subject = { readonly customerId: string; readonly id: string; readonly timeZone: string };

/** By a tool call, by a request of admin-api, or by hand in the calendar itself. */
type ChangedBy = Extract<EventBody, { kind: "cancelled" }>["data"]["by"];

export function toBooked(
  { customerId, id, timeZone }: Subject,
  { service, ...range }: Interval & { service: string },
): NewEvent {
  return { customerId, kind: "booked", data: { booking_id: id, service, ...formatRange(range, timeZone) } };
}

export function toRescheduled(
  { customerId, id, timeZone }: Subject,
  change: { readonly from: number; readonly to: Interval; readonly by: ChangedBy },
): NewEvent {
  const data = {
    booking_id: id,
    from: formatTime(createClock(timeZone), change.from).iso,
    ...formatRange(change.to, timeZone),
    by: change.by,
  };
  return { customerId, kind: "rescheduled", data };
}

export function toCancelled({ customerId, id, timeZone }: Subject, start: number, by: ChangedBy): NewEvent {
  const data = { booking_id: id, start: formatTime(createClock(timeZone), start).iso, by };
  return { customerId, kind: "cancelled", data };
}

function formatRange({ start, end }: Interval, timeZone: string) {
  const clock = createClock(timeZone);
  return { start: formatTime(clock, start).iso, end: formatTime(clock, end).iso };
}
