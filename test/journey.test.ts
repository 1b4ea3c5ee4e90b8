import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import t, { type Test } from "tap";
import { createBrowser } from "./support/browser.ts";
import { createWorld, readToolResult, type World } from "./support/world.ts";

type CallTool = (name: string, args: Record<string, unknown>) => Promise<ReturnType<typeof readToolResult>>;

/** The link reaches the business, a preview bot opens it, and the business consents. */
async function connectByLink(t: Test, world: World): Promise<void> {
  const connected = await world.connect("luna");
  t.equal(connected.status, 200);
  t.match(connected.body, {
    customer_id: "luna",
    calendar_connected: false,
    link_expires_at: /^2027-01-24T/,
  });
  await world.restart();

  const bot = createBrowser("WhatsApp/2.24 A");
  for (let visit = 0; visit < 2; visit++) {
    t.equal((await bot.open(connected.body.shareable_link)).status, 200, "a preview bot opens the link");
  }
  await world.restart();
  const again = await world.connect("luna");
  t.equal(again.body.shareable_link, connected.body.shareable_link, "the link in WhatsApp lives on");

  const browser = createBrowser();
  const linkPage = await browser.open(connected.body.shareable_link);
  t.match(linkPage.text, "Business luna");
  await world.restart();
  const googlePage = await browser.submit(linkPage);
  t.match(googlePage.url, `${world.googleUrl}/o/oauth2/v2/auth`);
  await world.restart();
  const done = await browser.submit(googlePage, { action: "allow" });
  t.match(done, { status: 200, text: /Your calendar is connected/ });
  t.strictSame(await browser.jar.getCookies(world.mcpUrl), [], "no cookie is left behind");
  await world.restart();

  const status = await world.api("GET", "/v1/customer-calendars/luna");
  t.match(status.body, { calendar_connected: true, status: "connected", calendar_email: "luna@example.com" });
}

/** The literal request of an agent without any library. */
async function readSlots(t: Test, world: World): Promise<void> {
  const literal = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "get_available_slots", arguments: { date_iso: "2027-01-18" } },
  };
  const slots = await world.rpc(literal, { "x-customer-id": "luna" });
  t.equal(slots.status, 200);
  t.match(slots.headers.get("content-type"), /^application\/json/);
  const found = slots.body.result.structuredContent;
  t.match(found, {
    timezone: "America/Bogota",
    service: "appointment",
    duration_minutes: 30,
    truncated: false,
  });
  t.equal(found.slots.length, 16);
  t.strictSame(found.slots[0], {
    start: "2027-01-18T09:00:00-05:00",
    end: "2027-01-18T09:30:00-05:00",
    weekday: "lunes",
    label: "lunes 18 de enero de 2027, 09:00",
  });
  t.strictSame(JSON.parse(slots.body.result.content[0].text), found);
}

async function book(t: Test, world: World) {
  const request = {
    start_iso: "2027-01-18T10:00:00-05:00",
    attendee_name: "Ana Pérez",
    attendee_phone: "+573001234567",
  };
  const { answer: booking } = await world.call("luna", "book", request);
  t.match(booking, {
    status: "confirmed",
    weekday: "lunes",
    start: request.start_iso,
    attendee_name: "Ana Pérez",
  });
  return { request, booking };
}

/** Asked again, the appointment is the same one, and its time is nobody else's. */
async function bookAgain(
  t: Test,
  world: World,
  { request, booking }: Awaited<ReturnType<typeof book>>,
): Promise<void> {
  const { answer: later } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  t.equal(later.slots.length, 15);
  t.notOk(
    later.slots.some((slot: { start: string }) => slot.start === request.start_iso),
    "the slot is gone",
  );

  const { answer: repeated } = await world.call("luna", "book", request);
  t.strictSame(repeated, booking, "the same request again is the same appointment");
  const { error } = await world.call("luna", "book", { ...request, attendee_name: "Luis Pérez" });
  t.match(error, { code: "slot_taken", retryable: false });
  t.strictSame(
    error.alternatives.map((slot: { start: string }) => slot.start.slice(11, 16)),
    ["09:00", "09:30", "10:30"],
  );
  t.equal((await world.sandbox("GET", "events?email=luna@example.com")).events.length, 1);
}

t.test("from consent link to booked appointment, restarting between any two steps", async (t) => {
  const world = await createWorld(t);
  await world.sandbox("POST", "accounts", {
    email: "luna@example.com",
    time_zone: "America/Bogota",
    events: [],
  });
  await connectByLink(t, world);
  await readSlots(t, world);
  await world.restart();
  const made = await book(t, world);
  await world.restart();

  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  t.match(events, [{ id: made.booking.event_id, summary: "Ana Pérez · Cita", status: "confirmed" }]);
  await bookAgain(t, world, made);
});

const clients: Record<
  string,
  (world: World, customerId: string) => Promise<{ call: CallTool; tools: string[]; close(): Promise<void> }>
> = {
  "SDK 1.x": async (world, customerId) => {
    const client = new LegacyClient({ name: "test", version: "1" });
    const requestInit = { headers: { "x-customer-id": customerId } };
    await client.connect(new LegacyTransport(new URL(`${world.mcpUrl}/mcp`), { requestInit }) as never);
    const { tools } = await client.listTools();
    return {
      tools: tools.map((tool) => tool.name),
      call: async (name, args) => readToolResult((await client.callTool({ name, arguments: args })) as never),
      close: () => client.close(),
    };
  },
  "SDK 2.x": async (world, customerId) => {
    const client = new ModernClient({ name: "test", version: "1" });
    const requestInit = { headers: { "x-customer-id": customerId } };
    await client.connect(new ModernTransport(new URL(`${world.mcpUrl}/mcp`), { requestInit }));
    const { tools } = await client.listTools();
    return {
      tools: tools.map((tool) => tool.name),
      call: async (name, args) => readToolResult((await client.callTool({ name, arguments: args })) as never),
      close: () => client.close(),
    };
  },
};

for (const [name, connectClient] of Object.entries(clients)) {
  t.test(`the ${name} client does the agent's part`, async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const agent = await connectClient(world, "luna");
    t.teardown(() => agent.close());
    t.strictSame(agent.tools, [
      "get_business_info",
      "get_available_slots",
      "book",
      "list_bookings",
      "reschedule_booking",
      "cancel_booking",
    ]);

    const { answer: business } = await agent.call("get_business_info", {});
    t.match(business, {
      today: "2027-01-17",
      weekday: "domingo",
      services: [{ id: "appointment" }],
    });
    const { answer } = await agent.call("get_available_slots", { date_iso: "2027-01-18" });
    const [first] = answer.slots;
    const booked = await agent.call("book", { start_iso: first.start, attendee_name: "Ana" });
    t.match(booked.answer, { status: "confirmed", start: "2027-01-18T09:00:00-05:00" });
    const again = await agent.call("book", { start_iso: first.start, attendee_name: "Ana" });
    t.match(again.error, { code: "slot_taken" });
    t.equal(again.error.alternatives.length, 3);

    const { booking_id } = booked.answer;
    const start_iso = again.error.alternatives[0].start;
    const moved = await agent.call("reschedule_booking", { booking_id, start_iso });
    t.match(moved.answer, { status: "confirmed", booking_id, start: start_iso });
    const { answer: listed } = await agent.call("list_bookings", {});
    t.match(listed.bookings, [{ booking_id, start: start_iso }]);
    const cancelled = await agent.call("cancel_booking", { booking_id });
    t.match(cancelled.answer, { status: "cancelled", booking_id });
    t.strictSame((await agent.call("list_bookings", {})).answer.bookings, []);
  });
}
