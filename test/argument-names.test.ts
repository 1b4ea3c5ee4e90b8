import t from "tap";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const ten = "2027-01-18T10:00:00-05:00";
const monday = { date_iso: "2027-01-18" };
const ana = { start_iso: ten, attendee_name: "Ana Ruiz" };

/** A call with `arguments` that the schema of a call doesn't allow. */
async function callWith(world: World, name: string, args: unknown) {
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
  const { body } = await world.rpc(request, { "x-customer-id": "luna" });
  return body;
}

/** How often a name was dropped. */
async function readDropped(world: World, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${serviceKey}` };
  const text = await (await fetch(`${world.mcpUrl}/metrics`, { headers })).text();
  return Number(new RegExp(`^cita_dropped_arguments_total\\{name="${name}"\\} (.+)$`, "m").exec(text)?.[1]);
}

t.test("names that hosts put among the arguments are dropped and counted, on every tool", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const fromN8n = {
    toolCallId: "call_1",
    sessionId: "s",
    action: "sendMessage",
    chatInput: "hi",
    tool: "book",
  };
  const fromOthers = {
    tool_call_id: "c",
    session_id: "s",
    wait_for_previous: true,
    task_progress: "- [ ] book",
  };
  const booked = await world.call("luna", "book", { ...ana, ...fromN8n });
  t.match(booked, { answer: { status: "confirmed" } });
  const { booking_id } = booked.answer;
  for (const [tool, args] of [
    ["get_business_info", {}],
    ["get_available_slots", monday],
    ["list_bookings", {}],
    ["reschedule_booking", { booking_id, start_iso: "2027-01-18T11:00:00-05:00" }],
    ["cancel_booking", { booking_id }],
  ] as const) {
    t.equal((await world.call("luna", tool, { ...args, ...fromN8n, ...fromOthers })).error, undefined, tool);
  }
  t.equal(await readDropped(world, "toolCallId"), 6);
  t.equal(await readDropped(world, "wait_for_previous"), 5);
  t.ok(Number.isNaN(await readDropped(world, "timezone")), "the labels are a closed set");
});

t.test("a name that could mean something is refused, with the argument that is meant", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const cases: [tool: string, args: object, hint: string][] = [
    ["book", { service_id: "x" }, 'there is no argument "service_id": did you mean service?'],
    ["book", { serviceName: "x" }, "did you mean service?"],
    ["book", { phone: "+573001234567" }, "did you mean attendee_phone?"],
    ["book", { "Customer Name": "Ana" }, "did you mean attendee_name?"],
    ["book", { start_time: ten }, "did you mean start_iso?"],
    ["book", { timezone: "America/Bogota" }, "times carry their offset"],
    ["book", { timeZone: "America/Bogota" }, "times carry their offset"],
    ["book", { end_iso: ten }, "did you mean duration_minutes?"],
    ["book", { comments: "x" }, "did you mean notes?"],
    ["get_available_slots", { date: "2027-01-18" }, "did you mean date_iso?"],
    ["get_available_slots", { fecha: "2027-01-18" }, "did you mean date_iso?"],
    ["list_bookings", { date: "2027-01-18" }, "did you mean from?"],
    ["list_bookings", { end_date: "2027-01-18" }, "did you mean to?"],
    ["list_bookings", { telefono: "+573001234567" }, "did you mean attendee_phone?"],
    ["cancel_booking", { id: "x" }, "did you mean booking_id?"],
    ["cancel_booking", { eventId: "x" }, "did you mean booking_id?"],
    ["cancel_booking", { customer_id: "sol" }, "the connection says for whom it is"],
    ["get_business_info", { calendar_id: "sol" }, "the connection says which business"],
    ["get_business_info", { query: "x" }, "this tool takes none"],
    ["get_business_info", { arguments: { a: 1 } }, "must be one JSON object"],
    ["book", { toolCallID: "x" }, 'there is no argument "toolCallID"'],
  ];
  for (const [tool, args, hint] of cases) {
    const { error } = await world.call("luna", tool, args);
    t.equal(error.code, "invalid_arguments", hint);
    t.ok(
      error.problems.some((problem: string) => problem.includes(hint)),
      `${hint} <- ${error.problems}`,
    );
  }
  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  t.strictSame(events, []);
});

/** What a call of 2026-07-28 has in its headers and in its parameters. */
const modern = {
  version: {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "get_available_slots",
  },
  _meta: {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "a", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  },
};

t.test(
  "arguments as JSON text are read, none are {}, anything else is an error that the model reads",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const text = JSON.stringify(monday);
    const callBoth = async (args: unknown) => {
      const params = { name: "get_available_slots", arguments: args };
      const request = { jsonrpc: "2.0", id: 1, method: "tools/call" };
      const older = await world.rpc({ ...request, params }, { "x-customer-id": "luna" });
      const envelope = { ...request, params: { ...params, _meta: modern._meta } };
      const newer = await world.rpc(envelope, { "x-customer-id": "luna", ...modern.version });
      return [older.body.result, newer.body.result];
    };
    for (const args of [text, JSON.stringify(text), ` ${text}\n`]) {
      for (const result of await callBoth(args))
        t.match(result.structuredContent, { timezone: "America/Bogota" });
    }
    for (const args of [null, "", " ", [], "null", "{}", "[]", "undefined"]) {
      t.match(
        (await callWith(world, "get_business_info", args)).result.structuredContent,
        {},
        JSON.stringify(args),
      );
      for (const result of await callBoth(args))
        t.match(JSON.parse(result.content[0].text).error, { problems: [/date_iso is required/] });
    }
    for (const args of [[monday], "2027-01-18", 5, true, "{", '["a"]', "5"]) {
      for (const result of await callBoth(args)) {
        t.equal(result.isError, true, JSON.stringify(args));
        const { error } = JSON.parse(result.content[0].text);
        t.match(error, { code: "invalid_arguments", next_step: /call it again/ });
        t.match(error.problems[0], 'the arguments must be one JSON object, such as {"date_iso": …}');
      }
    }
  },
);
