import type { Schedule } from "@cita/calendar-api";
import { sql } from "kysely";
import type { World } from "../test/support/world.ts";
import type { Business, Conversation, Meanwhile } from "./conversation.ts";
import { emailOf, neighbourId, openCustomer, openNeighbour } from "./customers.ts";
import { type Line, openLine } from "./line.ts";
import { type Look, look } from "./look.ts";

/** What a conversation needs, put up. */
export type Scene = Line & {
  readonly conversation: Conversation;
  readonly business: Business;
  readonly schedule: Schedule;
  readonly neighbour: { readonly customerId: string; readonly bookingId: string };
  look(): Promise<Look>;
  happen(event: Meanwhile): Promise<void>;
};

export type Stage = { put(conversation: Conversation): Promise<Scene>; close(): Promise<void> };

/** Businesses over one world. Those that stay connected serve many conversations, with calendar and ledger emptied between. */
export async function openStage(
  world: World,
  businesses: Readonly<Record<string, Business>>,
): Promise<Stage> {
  const schedules = new Map<string, Schedule>();
  const neighbour = { customerId: neighbourId, bookingId: await openNeighbour(world) };
  let count = 0;
  let line: Line | undefined;
  let lineFor = "";

  /** What a server says of itself when one connects holds at that time: it says today's date. */
  async function lineTo(id: string, now: string): Promise<Line> {
    if (line !== undefined && lineFor === `${id} ${now}`) return line;
    await line?.client.close();
    line = await openLine(world.mcpUrl, id);
    lineFor = `${id} ${now}`;
    return line;
  }

  return {
    async put(conversation) {
      const { connection } = conversation;
      const business = businesses[conversation.business];
      if (business === undefined) throw new Error(`there is no business ${conversation.business}`);
      world.clock.now = Date.parse(conversation.now);
      await world.sandbox("DELETE", "faults");
      const id = connection === "connected" ? conversation.business : `eval-${++count}`;
      const schedule = schedules.get(id) ?? (await openCustomer(world, id, connection, business));
      schedules.set(id, schedule);
      await fill(world, id, conversation, business);
      return {
        ...(await lineTo(id, conversation.now)),
        conversation,
        business,
        schedule,
        neighbour,
        look: () => look(world, id),
        happen: (event) => happen(world, id, business, event),
      };
    },
    close: async () => line?.client.close(),
  };
}

/** The calendar and the ledger as the conversation finds them. */
async function fill(
  world: World,
  id: string,
  { connection, events, bookings }: Conversation,
  business: Business,
): Promise<void> {
  if (connection !== "connected") return;
  await sql`DELETE FROM bookings WHERE customer_id = ${id}`.execute(world.mcp.db);
  await sql`DELETE FROM attendee_changes WHERE customer_id = ${id}`.execute(world.mcp.db);
  await world.sandbox("POST", "accounts", {
    email: emailOf(id),
    time_zone: business.time_zone,
    events: events.map((event) => ({ summary: "private", ...event })),
  });
  for (const { start, ...booking } of bookings) {
    const given = Object.entries(booking).filter(([, value]) => value !== null);
    const { error } = await world.call(id, "book", { start_iso: start, ...Object.fromEntries(given) });
    if (error !== undefined) throw new Error(`it couldn't be booked before: ${JSON.stringify(error)}`);
  }
}

async function happen(world: World, id: string, business: Business, what: Meanwhile): Promise<void> {
  const timed = ({ start, end }: { start: string; end: string }) => ({
    start: { dateTime: start, timeZone: business.time_zone },
    end: { dateTime: end, timeZone: business.time_zone },
  });
  if ("now" in what) world.clock.now = Date.parse(what.now);
  else if ("event" in what) await world.byHand(id, "POST", undefined, timed(what.event));
  else if ("calendar" in what) await setGoogle(world, what.calendar);
  else {
    const [event] = (await look(world, id)).events;
    // Later than the booking itself, by the clock that otherwise stands still.
    world.clock.now += 1_000;
    await world.byHand(id, "PATCH", event?.id, timed(what.moved_to));
    world.clock.now += 1_000;
  }
}

async function setGoogle(world: World, state: "down" | "overloaded" | "up"): Promise<void> {
  await world.sandbox("DELETE", "faults");
  if (state === "up") return;
  const status = state === "down" ? 503 : 429;
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status });
}
