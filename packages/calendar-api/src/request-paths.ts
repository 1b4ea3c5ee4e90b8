import type { ActivityQuery } from "./activity.ts";
import type { AgendaQuery } from "./agenda.ts";
import type { BookingsQuery } from "./bookings.ts";
import type { EventsQuery } from "./events.ts";
import type { AttendeeExportQuery } from "./personal-data.ts";

export function customerPath(customerId: string): string {
  return `/customers/${toSegment(customerId)}`;
}

/** @throws TypeError for `.` and `..`, which no encoding keeps from naming another path. No id is one. */
export function toSegment(id: string): string {
  if (id === "." || id === "..") throw new TypeError("An id can't be a dot segment.");
  return encodeURIComponent(id);
}

export function toSearch(
  query: AgendaQuery | BookingsQuery | ActivityQuery | AttendeeExportQuery | EventsQuery,
): URLSearchParams {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, `${value}`]));
}
