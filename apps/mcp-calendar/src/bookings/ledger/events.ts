/** The events of bookings, with times in the business's offset, as in the views of bookings. */

import type { EventBody, NewEvent } from "@cita/events";
import { currentActor } from "@cita/process";
import { createClock, formatTime, type Interval } from "@cita/scheduling";
import type { Author } from "../booking.ts";

type Subject = { readonly customerId: string; readonly id: string; readonly timeZone: string };

/** Who has changed a booking: by a tool call, by a request of admin-api, or by hand in the calendar itself. */
type ChangedBy = {
  readonly by: Extract<EventBody, { kind: "cancelled" }>["data"]["by"];
  readonly actor: string | null;
};

/** Nobody knows who it was. */
export const inCalendar: ChangedBy = { by: "calendar", actor: null };

export function currentAuthor(by: Author["by"]): Author {
  return { by, actor: currentActor() ?? null };
}

export function toBooked(
  { customerId, id, timeZone }: Subject,
  { service, ...range }: Interval & { service: string },
): NewEvent {
  return { customerId, kind: "booked", data: { booking_id: id, service, ...formatRange(range, timeZone) } };
}

export function toRescheduled(
  { customerId, id, timeZone }: Subject,
  { from, to, by, actor }: ChangedBy & { readonly from: number; readonly to: Interval },
): NewEvent {
  const data = {
    booking_id: id,
    from: formatTime(createClock(timeZone), from).iso,
    ...formatRange(to, timeZone),
    by,
  };
  return { customerId, kind: "rescheduled", data, actor };
}

export function toCancelled(
  { customerId, id, timeZone }: Subject,
  start: number,
  { by, actor }: ChangedBy,
): NewEvent {
  const data = { booking_id: id, start: formatTime(createClock(timeZone), start).iso, by };
  return { customerId, kind: "cancelled", data, actor };
}

function formatRange({ start, end }: Interval, timeZone: string) {
  const clock = createClock(timeZone);
  return { start: formatTime(clock, start).iso, end: formatTime(clock, end).iso };
}
