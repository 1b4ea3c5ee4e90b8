import { type BookingView, createCalendarApiClient } from "@cita/calendar-api";
import { serviceKey, type World } from "../test/support/world.ts";
import { customerEmail, neighbourId } from "./customers.ts";

/** An event as it is in a Google calendar, its times in epoch milliseconds. */
export type CalendarEvent = {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly description: string;
};

/** Everything that a call could change, read from the calendar and the ledger. */
export type Snapshot = {
  /** Those that Cita has inserted. */
  readonly events: readonly CalendarEvent[];
  readonly bookings: readonly BookingView[];
  /** Those that Cita hasn't inserted. */
  readonly businessEvents: readonly Omit<CalendarEvent, "description">[];
  /** The neighbour's whole calendar, as JSON. */
  readonly neighbour: string;
};

type GoogleEvent = {
  id: string;
  status: string;
  description?: string;
  start: { dateTime: string };
  end: { dateTime: string };
};

export async function takeSnapshot(world: World, id: string): Promise<Snapshot> {
  const [events, bookings, neighbour] = await Promise.all([
    readEvents(world, id),
    readBookings(world, id),
    readEvents(world, neighbourId),
  ]);
  const isOurs = (event: CalendarEvent) => event.id.startsWith("cita");
  return {
    events: events.filter(isOurs),
    bookings,
    businessEvents: events.filter((event) => !isOurs(event)).map(({ description: _, ...event }) => event),
    neighbour: JSON.stringify(neighbour),
  };
}

async function readEvents(world: World, id: string): Promise<CalendarEvent[]> {
  const { events = [] } = await world.sandbox("GET", `events?email=${customerEmail(id)}`);
  return (events as GoogleEvent[])
    .filter(({ status }) => status !== "cancelled")
    .map((event) => ({
      id: event.id,
      start: Date.parse(event.start.dateTime),
      end: Date.parse(event.end.dateTime),
      description: event.description ?? "",
    }));
}

/** From mcp-calendar and not through admin-api: one request fewer for each snapshot. */
async function readBookings(world: World, id: string): Promise<BookingView[]> {
  const api = createCalendarApiClient({ baseUrl: world.mcpUrl, serviceKey, timeoutMs: 5_000 });
  const page = await api.bookings(id, {
    from: "2020-01-01T00:00:00Z",
    status: "confirmed",
    order: "soonest_first",
    limit: 200,
  });
  return page.bookings;
}
