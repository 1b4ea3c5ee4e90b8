import type { Schedule } from "@cita/calendar-api";
import { sql } from "kysely";
import type { World } from "../test/support/world.ts";
import { type AgentClient, openAgentClient } from "./agent-client.ts";
import type { Business, Conversation, ExternalChange } from "./conversation.ts";
import { addCustomer, addNeighbour, customerEmail, neighbourId } from "./customers.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";

/** A conversation whose business, calendar, earlier bookings and agent's client are ready. */
export type Scenario = AgentClient & {
  readonly conversation: Conversation;
  readonly business: Business;
  readonly schedule: Schedule;
  readonly neighbour: { readonly customerId: string; readonly bookingId: string };
  takeSnapshot(): Promise<Snapshot>;
  applyChange(change: ExternalChange): Promise<void>;
};

export type Environment = {
  /** The scenarios prepared before can't be used any longer. */
  prepare(conversation: Conversation): Promise<Scenario>;
  close(): Promise<void>;
};

/**
 * The businesses in one world. A business that stays connected is one customer for all of its conversations:
 * its calendar and its bookings are emptied before each.
 */
export async function openEnvironment(
  world: World,
  businesses: Readonly<Record<string, Business>>,
): Promise<Environment> {
  const schedules = new Map<string, Schedule>();
  const neighbour = { customerId: neighbourId, bookingId: await addNeighbour(world) };
  let count = 0;
  let client: AgentClient | undefined;
  let clientKey = "";

  /** One client a customer and time: the instructions it gets when it connects name the date. */
  async function clientFor(id: string, now: string): Promise<AgentClient> {
    if (client !== undefined && clientKey === `${id} ${now}`) return client;
    await client?.client.close();
    client = await openAgentClient(world.mcpUrl, id);
    clientKey = `${id} ${now}`;
    return client;
  }

  return {
    async prepare(conversation) {
      const { connection } = conversation;
      const business = businesses[conversation.business];
      if (business === undefined) throw new Error(`there is no business ${conversation.business}`);
      world.clock.now = Date.parse(conversation.now);
      await world.sandbox("DELETE", "faults");
      const id = connection === "connected" ? conversation.business : `eval-${++count}`;
      const schedule = schedules.get(id) ?? (await addCustomer(world, id, connection, business));
      schedules.set(id, schedule);
      if (connection === "connected") await resetCustomer(world, id, conversation, business);
      return {
        ...(await clientFor(id, conversation.now)),
        conversation,
        business,
        schedule,
        neighbour,
        takeSnapshot: () => takeSnapshot(world, id),
        applyChange: (change) => applyChange(world, id, business, change),
      };
    },
    close: async () => client?.client.close(),
  };
}

/** Leaves the conversation's own events and earlier bookings in the calendar and the ledger, and nothing else. */
async function resetCustomer(
  world: World,
  id: string,
  { events, bookings }: Conversation,
  business: Business,
): Promise<void> {
  await sql`DELETE FROM bookings WHERE customer_id = ${id}`.execute(world.mcp.db);
  await sql`DELETE FROM attendee_changes WHERE customer_id = ${id}`.execute(world.mcp.db);
  await world.sandbox("POST", "accounts", {
    email: customerEmail(id),
    time_zone: business.time_zone,
    events: events.map((event) => ({ summary: "private", ...event })),
  });
  for (const { start, ...booking } of bookings) {
    const given = Object.entries(booking).filter(([, value]) => value !== null);
    const { error } = await world.call(id, "book", { start_iso: start, ...Object.fromEntries(given) });
    if (error !== undefined) throw new Error(`an earlier booking was refused: ${JSON.stringify(error)}`);
  }
}

async function applyChange(
  world: World,
  id: string,
  business: Business,
  change: ExternalChange,
): Promise<void> {
  const timed = ({ start, end }: { start: string; end: string }) => ({
    start: { dateTime: start, timeZone: business.time_zone },
    end: { dateTime: end, timeZone: business.time_zone },
  });
  if ("now" in change) world.clock.now = Date.parse(change.now);
  else if ("event" in change) await world.byHand(id, "POST", undefined, timed(change.event));
  else if ("calendar" in change) await setGoogleState(world, change.calendar);
  else {
    const [event] = (await takeSnapshot(world, id)).events;
    // The event's `updated` must be later than the booking, and the world's clock stands still otherwise.
    world.clock.now += 1_000;
    await world.byHand(id, "PATCH", event?.id, timed(change.moved_to));
    world.clock.now += 1_000;
  }
}

async function setGoogleState(world: World, state: "down" | "overloaded" | "up"): Promise<void> {
  await world.sandbox("DELETE", "faults");
  if (state === "up") return;
  const status = state === "down" ? 503 : 429;
  await world.sandbox("POST", "faults", { path: "/calendar/v3", status });
}
