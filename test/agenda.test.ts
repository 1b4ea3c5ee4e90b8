import t from "tap";
import { book, bookingsPath, callTool, mondayAt, readStarts } from "./support/admin-booking-calls.ts";
import { setSchedule } from "./support/schedule.ts";
import { serviceKey, type World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

const agendaPath = (customerId: string, query: Record<string, string> = {}) =>
  `/v1/customer-calendars/${customerId}/agenda?${new URLSearchParams(query)}`;

/** Closed but for Monday's morning, so that what is free fits in a line. */
const mondayMorning = {
  weekly_hours: {
    ...{ tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] },
    monday: [{ start: "09:00", end: "12:00" }],
  },
  services: [
    { id: "haircut", name: "Corte", duration_minutes: 30 },
    { id: "colour", name: "Color", duration_minutes: 120 },
  ],
  slot_interval_minutes: 30,
};

const onMonday = (from: string, to: string) => ({ start: mondayAt(from), end: mondayAt(to) });

/** What somebody else has put into the calendar. */
const taken = (from: string, to: string) => ({ title: "Dentist", ...onMonday(from, to) });

async function readAgenda(world: World, query: Record<string, string> = {}, customerId = "luna") {
  const answer = await world.api("GET", agendaPath(customerId, query));
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

forEachWorld(
  t,
  "an agenda has busy times, bookings and what an agent would be offered",
  {},
  async (t, world) => {
    await world.connected("luna", {
      taken: [taken("10:00", "10:30"), taken("10:15", "10:45"), taken("14:00", "15:00")],
    });
    await setSchedule(world, "luna", mondayMorning);
    const { booking_id } = await book(world, mondayAt("09:00"), { service: "haircut" });

    const week = await readAgenda(world, { from: "2027-01-18", days: "7" });
    t.strictSame(Object.keys(week).sort(), ["bookings", "busy", "free", "timezone"]);
    t.equal(week.timezone, "America/Bogota");
    t.strictSame(
      week.busy,
      [onMonday("10:00", "10:45"), onMonday("14:00", "15:00")],
      "joined, and nothing but times",
    );
    t.match(week.bookings, [{ booking_id, ...onMonday("09:00", "09:30"), attendee_name: "Ana Ruiz" }]);
    t.equal(week.bookings.length, 1);
    t.strictSame(week.free, [
      onMonday("09:30", "10:00"),
      onMonday("11:00", "11:30"),
      onMonday("11:30", "12:00"),
    ]);

    const { slots } = await callTool(world, "get_available_slots", { date_iso: "2027-01-18", days: 7 });
    t.strictSame(
      week.free.map(({ start }: { start: string }) => start),
      slots.map(({ start }: { start: string }) => start),
    );
    const colour = await readAgenda(world, { from: "2027-01-18", days: "1", service: "colour" });
    t.strictSame(colour.free, [], "two hours don't fit");
  },
);

forEachWorld(
  t,
  "without dates an agenda is of the seven days from today at the business",
  {},
  async (t, world) => {
    await world.connected("luna", { taken: [taken("10:00", "10:30")] });
    await world.connected("kiwi", {
      time_zone: "Pacific/Auckland",
      taken: [{ title: "Busy", start: "2027-01-18T09:00:00+13:00", end: "2027-01-18T10:00:00+13:00" }],
    });
    const { busy } = await readAgenda(world);
    t.strictSame(busy, [onMonday("10:00", "10:30")]);
    t.strictSame((await readAgenda(world, { days: "1" })).busy, [], "it is still Sunday in Bogotá");
    const kiwi = await readAgenda(world, { days: "1" }, "kiwi");
    t.equal(kiwi.timezone, "Pacific/Auckland");
    t.strictSame(kiwi.busy, [{ start: "2027-01-18T09:00:00+13:00", end: "2027-01-18T10:00:00+13:00" }]);
  },
);

forEachWorld(
  t,
  "a busy time is cut where the asked dates end, and no title is ever asked for",
  {},
  async (t, world) => {
    await world.connected("luna", {
      events: [
        {
          summary: "Terapia con Marta",
          attendees: [{ email: "marta@example.com" }],
          start: { dateTime: "2027-01-18T22:00:00-05:00" },
          end: { dateTime: "2027-01-19T02:00:00-05:00" },
        },
      ],
    });
    const monday = await readAgenda(world, { from: "2027-01-18", days: "1" });
    t.strictSame(monday.busy, [{ start: mondayAt("22:00"), end: "2027-01-19T00:00:00-05:00" }]);
    const tuesday = await readAgenda(world, { from: "2027-01-19", days: "1" });
    t.strictSame(tuesday.busy, [{ start: "2027-01-19T00:00:00-05:00", end: "2027-01-19T02:00:00-05:00" }]);
    t.notMatch(JSON.stringify([monday, tuesday, world.log]), /Terapia|marta/i);
  },
);

forEachWorld(t, "where a booking can go is free as if it weren't there", {}, async (t, world) => {
  await world.connected("luna");
  await setSchedule(world, "luna", mondayMorning);
  const { booking_id } = await book(world, mondayAt("09:00"), { service: "colour" });
  const query = { from: "2027-01-18", days: "1" };
  t.strictSame((await readAgenda(world, { ...query, service: "colour" })).free, []);
  const { free } = await readAgenda(world, { ...query, moving: booking_id });
  t.strictSame(free, [onMonday("09:00", "11:00"), onMonday("09:30", "11:30"), onMonday("10:00", "12:00")]);
  for (const { start } of free) {
    const path = `${bookingsPath("luna")}/${booking_id}/reschedule`;
    t.equal((await world.api("POST", path, { start_iso: start })).status, 200, start);
  }
});

forEachWorld(
  t,
  "a calendar that can't be read is an error in words, and never an empty week",
  {},
  async (t, world) => {
    await world.connect("luna");
    t.match(await world.api("GET", agendaPath("luna")), {
      status: 409,
      body: { code: "not_connected", message: "The customer has no calendar connected." },
    });
    await world.connected("sol");
    await world.fault("any", { status: 503 });
    t.match(await world.api("GET", agendaPath("sol")), {
      status: 503,
      body: { code: "calendar_unavailable" },
    });
  },
);

forEachWorld(t, "what is asked wrongly is named", {}, async (t, world) => {
  await world.connected("luna");
  const asked: [query: Record<string, string>, status: number, code: string][] = [
    [{ from: "18/01/2027" }, 400, "invalid_request"],
    [{ days: "0" }, 400, "invalid_request"],
    [{ days: "32" }, 400, "invalid_request"],
    [{ week: "3" }, 400, "invalid_request"],
    [{ service: "tattoo" }, 400, "unknown_service"],
    [{ moving: "0123456789abcdef" }, 404, "booking_not_found"],
    [{ service: "appointment", moving: "0123456789abcdef" }, 400, "invalid_request"],
  ];
  for (const [query, status, code] of asked)
    t.match(
      await world.api("GET", agendaPath("luna", query)),
      { status, body: { code } },
      JSON.stringify(query),
    );
  t.equal((await world.api("GET", agendaPath("nobody"))).status, 404);
});

forEachWorld(t, "one booking is read by its id, and another customer's isn't there", {}, async (t, world) => {
  await world.connected("luna");
  await world.connected("sol");
  const { booking_id } = await book(world, mondayAt("09:00"));
  const one = await world.api("GET", `${bookingsPath("luna")}/${booking_id}`);
  t.match(one, { status: 200, body: { booking_id, status: "confirmed", start: mondayAt("09:00") } });
  const elsewhere = await world.api("GET", `${bookingsPath("sol")}/${booking_id}`);
  t.match(elsewhere, { status: 404, body: { code: "booking_not_found" } });
});

forEachWorld(t, "bookings are also listed from the latest on, page by page", {}, async (t, world) => {
  await world.connected("luna");
  const starts = ["09:00", "10:00", "11:00", "12:00"].map(mondayAt);
  for (const start of starts) await book(world, start);
  world.clock.now = Date.parse(mondayAt("11:30"));
  const order = "latest_first";
  const latest = starts.toReversed();
  t.strictSame(await readStarts(world, { order }), latest);
  t.strictSame(await readStarts(world, { order, to: mondayAt("11:30") }), latest.slice(1));
  t.strictSame(
    await readStarts(world, { order, from: mondayAt("10:00"), to: mondayAt("12:00") }),
    latest.slice(1, 3),
  );
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { order, limit: "3", ...(cursor && { cursor }) };
    const { body } = await world.api("GET", `${bookingsPath("luna")}?${new URLSearchParams(query)}`);
    listed.push(...body.bookings.map(({ start }: { start: string }) => start));
    cursor = body.next_cursor ?? undefined;
  } while (cursor !== undefined);
  t.strictSame(listed, latest);
});

/** The endpoint of agents, with the service key. */
async function callAsAgent(world: World, name: string, args: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${world.managementUrl}/customers/luna/mcp`, {
    method: "POST",
    headers: { authorization: `Bearer ${serviceKey}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
  const language = response.headers.get("content-language");
  return { status: response.status, language, body: JSON.parse(await response.text()) };
}

forEachWorld(
  t,
  "with the service key the endpoint of agents answers as it answers agents",
  {},
  async (t, world) => {
    await world.connected("luna");
    const args = { date_iso: "2027-01-18" };
    const own = await callAsAgent(world, "get_available_slots", args);
    const request = { jsonrpc: "2.0", id: 1, method: "tools/call" };
    const params = { name: "get_available_slots", arguments: args };
    const theirs = await world.rpc({ ...request, params }, { "x-customer-id": "luna" });
    t.strictSame(own, { status: 200, language: "es", body: theirs.body });

    const booking = { start_iso: mondayAt("09:00"), attendee_name: "Bea" };
    await callAsAgent(world, "book", booking, { "x-attendee-phone": "+57 300 123 4567" });
    const bea = { "x-attendee-phone": "573001234567" };
    const listed = await callAsAgent(world, "list_bookings", {}, bea);
    t.equal(listed.body.result.structuredContent.bookings.length, 1);
    const stranger = await callAsAgent(
      world,
      "list_bookings",
      {},
      { "x-attendee-phone": "+57 300 765 4321" },
    );
    t.strictSame(stranger.body.result.structuredContent.bookings, [], "bound to one person, as an agent is");
    t.match(await callAsAgent(world, "list_bookings", {}, { "x-attendee-phone": "12" }), {
      status: 400,
      body: { error: { data: { code: "attendee_invalid" } } },
    });
    const wrongKey = { authorization: "Bearer not-the-key" };
    t.equal((await callAsAgent(world, "get_business_info", {}, wrongKey)).status, 401);
  },
);
