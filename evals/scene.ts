import { type BookingView, createCalendarApiClient, type Schedule } from "@cita/calendar-api";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { sql } from "kysely";
import { readToolResult, type ToolResult } from "../test/support/tool-result.ts";
import { serviceKey, type World } from "../test/support/world.ts";
import type { Outcome } from "./answer-path.ts";
import type { Business, Conversation, Meanwhile } from "./conversation.ts";

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

/** The agent's side: a real MCP client of one customer. */
export type Line = {
  readonly client: Client;
  call(tool: string, args: object): Promise<Outcome>;
  /** The next answer never arrives, though the server has given it. */
  loseNextAnswer(): void;
};

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

const neighbourId = "neighbour";

type Customer = { readonly id: string; readonly schedule: Schedule; readonly line: Line };

/** Businesses over one world. Those that stay connected serve many conversations, with calendar and ledger emptied between. */
export async function openStage(
  world: World,
  businesses: Readonly<Record<string, Business>>,
): Promise<Stage> {
  const customers = new Map<string, Promise<Customer>>();
  const lines: Line[] = [];
  const neighbour = { customerId: neighbourId, bookingId: await openNeighbour(world) };
  let count = 0;

  async function open(id: string, conversation: Conversation, business: Business): Promise<Customer> {
    const schedule = await openCustomer(world, id, conversation.connection, business);
    const line = await openLine(world, id);
    lines.push(line);
    return { id, schedule, line };
  }

  function customerFor(conversation: Conversation, business: Business): Promise<Customer> {
    if (conversation.connection !== "connected") return open(`eval-${++count}`, conversation, business);
    const id = conversation.business;
    const known = customers.get(id) ?? open(id, conversation, business);
    customers.set(id, known);
    return known;
  }

  return {
    async put(conversation) {
      const business = businesses[conversation.business];
      if (business === undefined) throw new Error(`there is no business ${conversation.business}`);
      world.clock.now = Date.parse(conversation.now);
      await world.sandbox("DELETE", "faults");
      const customer = await customerFor(conversation, business);
      await fill(world, customer.id, conversation, business);
      return {
        ...customer.line,
        conversation,
        business,
        schedule: customer.schedule,
        neighbour,
        look: () => look(world, customer.id),
        happen: (event) => happen(world, customer.id, business, event),
      };
    },
    async close() {
      await Promise.all(lines.map(({ client }) => client.close()));
    },
  };
}

/** @returns the id of a booking of its own. */
async function openNeighbour(world: World): Promise<string> {
  await world.connected(neighbourId, {
    events: [{ summary: "private", start: "2027-01-18T10:00:00", end: "2027-01-18T11:00:00" }],
  });
  const { answer, error } = await world.call(neighbourId, "book", {
    start_iso: "2027-12-01T10:00:00-05:00",
    attendee_name: "Vecina Secreta",
  });
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer.booking_id;
}

async function openCustomer(
  world: World,
  id: string,
  connection: Conversation["connection"],
  business: Business,
): Promise<Schedule> {
  if (connection === "unknown") return readSchedule(await world.api("GET", scheduleOf(neighbourId)));
  if (connection === "never_connected") await world.connect(id);
  else await world.connected(id, { time_zone: business.time_zone });
  const saved = readSchedule(await world.api("PUT", scheduleOf(id), business.schedule));
  if (connection === "revoked") {
    await world.sandbox("POST", "revoke", { email: emailOf(id) });
    await world.sandbox("POST", "expire-access-tokens");
  }
  return saved;
}

function readSchedule({ status, body }: { status: number; body: Schedule }): Schedule {
  if (status !== 200) throw new Error(`the schedule was refused: ${JSON.stringify(body)}`);
  return body;
}

const scheduleOf = (id: string) => `/v1/customer-calendars/${id}/schedule`;
const emailOf = (id: string) => `${id}@example.com`;

async function openLine(world: World, customerId: string): Promise<Line> {
  let losing = false;
  const client = new Client({ name: "evals", version: "1.0.0" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${world.mcpUrl}/mcp`), {
      requestInit: { headers: { "X-Customer-Id": customerId } },
      async fetch(url, init) {
        const response = await fetch(url, init);
        if (!losing) return response;
        losing = false;
        await response.text();
        throw new TypeError("fetch failed");
      },
    }),
  );
  // From now on the client checks every answer against the tool's output schema.
  await client.listTools();
  return {
    client,
    async call(tool, args) {
      const result = await client.callTool({ name: tool, arguments: { ...args } });
      return readToolResult(result as ToolResult);
    },
    loseNextAnswer() {
      losing = true;
    },
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

type GoogleEvent = {
  id: string;
  status: string;
  description?: string;
  start: { dateTime: string };
  end: { dateTime: string };
};

async function look(world: World, id: string): Promise<Look> {
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
