import { type BookingView, createCalendarApiClient } from "@cita/calendar-api";
import { serviceKey, type World } from "../test/support/world.ts";
import { emailOf, neighbourId } from "./customers.ts";

/** An event of ours as it stands in the business's calendar. */
export type OwnEvent = {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly description: string;
};

/** All that a call could have changed, as the calendar and the ledger have it. */
export type Look = {
  readonly events: readonly OwnEvent[];
  readonly bookings: readonly BookingView[];
  /** The business's own events. */
  readonly own: readonly { readonly id: string; readonly start: number; readonly end: number }[];
  /** Another customer's calendar, whole. */
  readonly neighbour: string;
};

type GoogleEvent = {
  id: string;
  status: string;
  description?: string;
  start: { dateTime: string };
  end: { dateTime: string };
};

/** Reads it all. */
export async function look(world: World, id: string): Promise<Look> {
  const [events, bookings, neighbour] = await Promise.all([
    readEvents(world, id),
    readBookings(world, id),
    readEvents(world, neighbourId),
  ]);
  const isOurs = (event: OwnEvent) => event.id.startsWith("cita");
  return {
    events: events.filter(isOurs),
    bookings,
    own: events.filter((event) => !isOurs(event)).map(({ description: _, ...event }) => event),
    neighbour: JSON.stringify(neighbour),
  };
}

async function readEvents(world: World, id: string): Promise<OwnEvent[]> {
  const { events = [] } = await world.sandbox("GET", `events?email=${emailOf(id)}`);
  return (events as GoogleEvent[])
    .filter(({ status }) => status !== "cancelled")
    .map((event) => ({
      id: event.id,
      start: Date.parse(event.start.dateTime),
      end: Date.parse(event.end.dateTime),
      description: event.description ?? "",
    }));
}

/** Straight from the calendar service, which saves a hop at every look. */
async function readBookings(world: World, id: string): Promise<BookingView[]> {
  const api = createCalendarApiClient({ baseUrl: world.mcpUrl, serviceKey, timeoutMs: 5_000 });
  const page = await api.bookings(id, { from: "2020-01-01T00:00:00Z", status: "confirmed", limit: 200 });
  return page.bookings;
}
