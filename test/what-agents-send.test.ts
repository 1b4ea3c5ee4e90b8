import t from "tap";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const ten = "2027-01-18T10:00:00-05:00";
const monday = { date_iso: "2027-01-18" };
const ana = { start_iso: ten, attendee_name: "Ana Ruiz" };

async function eventsOf(world: World): Promise<{ summary: string; description: string; status: string }[]> {
  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  return events.filter(({ status }: { status: string }) => status !== "cancelled");
}

/** With `arguments` that the type of a call wouldn't allow. */
async function callWith(world: World, name: string, args: unknown, headers: Record<string, string> = {}) {
  const params = { name, ...(args !== undefined && { arguments: args }) };
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
  const { body } = await world.rpc(request, { "x-customer-id": "luna", ...headers });
  return body;
}

async function metric(world: World, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${serviceKey}` };
  const text = await (await fetch(`${world.mcpUrl}/metrics`, { headers })).text();
  return Number(new RegExp(`^cita_dropped_arguments_total\\{name="${name}"\\} (.+)$`, "m").exec(text)?.[1]);
}

t.test("names that hosts put among the arguments are dropped and counted, on every tool", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const ofN8n = {
    toolCallId: "call_1",
    sessionId: "s",
    action: "sendMessage",
    chatInput: "hi",
    tool: "book",
  };
  const ofOthers = {
    tool_call_id: "c",
    session_id: "s",
    wait_for_previous: true,
    task_progress: "- [ ] book",
  };
  const booked = await world.call("luna", "book", { ...ana, ...ofN8n });
  t.match(booked, { answer: { status: "confirmed" } });
  const { booking_id } = booked.answer;
  for (const [tool, args] of [
    ["get_business_info", {}],
    ["get_available_slots", monday],
    ["list_bookings", {}],
    ["reschedule_booking", { booking_id, start_iso: "2027-01-18T11:00:00-05:00" }],
    ["cancel_booking", { booking_id }],
  ] as const) {
    t.equal((await world.call("luna", tool, { ...args, ...ofN8n, ...ofOthers })).error, undefined, tool);
  }
  t.equal(await metric(world, "toolCallId"), 6);
  t.equal(await metric(world, "wait_for_previous"), 5);
  t.ok(Number.isNaN(await metric(world, "timezone")), "the labels are a closed set");
});

t.test("a name that could mean something is refused, and told which argument is meant", async (t) => {
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
  t.strictSame(await eventsOf(world), []);
});

t.test("optional arguments that stand for nothing are absent", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { answer } = await world.call("luna", "book", { ...ana, attendee_phone: "+57 300 123 4567" });
  for (const nothing of [null, "", " ", "\u00a0", "null", "NULL", "undefined", "\u200b", "\u3164"]) {
    const name = JSON.stringify(nothing);
    const slots = { ...monday, days: nothing, service: nothing, duration_minutes: nothing };
    t.equal((await world.call("luna", "get_available_slots", slots)).error, undefined, name);
    const list = { attendee_phone: nothing, attendee_email: nothing, from: nothing, to: nothing };
    t.match(await world.call("luna", "list_bookings", list), { answer: { bookings: [{}] } }, name);
    const { booking_id } = answer;
    t.equal((await world.call("luna", "cancel_booking", { booking_id: nothing })).answer, undefined);
    t.equal(
      (await world.call("luna", "reschedule_booking", { booking_id, start_iso: nothing })).answer,
      undefined,
    );
  }
  const rest = {
    service: null,
    duration_minutes: "",
    attendee_email: "null",
    notes: " ",
    idempotency_key: null,
  };
  const eleven = { ...ana, ...rest, start_iso: "2027-01-18T11:00:00-05:00", attendee_phone: "undefined" };
  t.match(await world.call("luna", "book", eleven), { answer: { status: "confirmed" } });
  t.notMatch((await eventsOf(world))[1]?.description, /Notes|Phone|E-mail|null|undefined/);
});

t.test("a number in a text is a number, and a text given as a number is a text", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const ask = (args: object) => world.call("luna", "get_available_slots", { ...monday, ...args });
  const { answer } = await ask({ days: 2, duration_minutes: 45 });
  for (const args of [
    { days: "2", duration_minutes: "45" },
    { days: " 2 ", duration_minutes: "45.0" },
    { days: "+2", duration_minutes: "045" },
  ]) {
    t.strictSame((await ask(args)).answer, answer, JSON.stringify(args));
  }
  for (const days of ["two", "2 days", "1e1", "2,0", "0x2", "2.5", true, [2], { value: 2 }, "99999999999"])
    t.equal((await ask({ days })).error?.code, "invalid_time", JSON.stringify(days));
  const person = { ...ana, attendee_phone: 573001234567, idempotency_key: 12 };
  const { answer: booked } = await world.call("luna", "book", person);
  t.strictSame((await world.call("luna", "book", { ...person, idempotency_key: "12" })).answer, booked);
  const found = await world.call("luna", "list_bookings", { attendee_phone: 573001234567 });
  t.match(found, { answer: { bookings: [{ attendee_phone: "+573001234567" }] } });
  t.match(await world.call("luna", "cancel_booking", { booking_id: 12 }), {
    error: { code: "booking_not_found" },
  });
  t.match(await world.call("luna", "book", { ...ana, idempotency_key: 2 ** 60 }), {
    error: { problems: ["idempotency_key must be a text"] },
  });
});

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

t.test("arguments as JSON text are read, none are {}, anything else is told to the model", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const text = JSON.stringify(monday);
  const asked = async (args: unknown) => {
    const params = { name: "get_available_slots", arguments: args };
    const request = { jsonrpc: "2.0", id: 1, method: "tools/call" };
    const older = await world.rpc({ ...request, params }, { "x-customer-id": "luna" });
    const envelope = { ...request, params: { ...params, _meta: modern._meta } };
    const newer = await world.rpc(envelope, { "x-customer-id": "luna", ...modern.version });
    return [older.body.result, newer.body.result];
  };
  for (const args of [text, JSON.stringify(text), ` ${text}\n`]) {
    for (const result of await asked(args)) t.match(result.structuredContent, { timezone: "America/Bogota" });
  }
  for (const args of [null, "", " ", [], "null", "{}", "[]", "undefined"]) {
    t.match(
      (await callWith(world, "get_business_info", args)).result.structuredContent,
      {},
      JSON.stringify(args),
    );
    for (const result of await asked(args))
      t.match(JSON.parse(result.content[0].text).error, { problems: [/date_iso is required/] });
  }
  for (const args of [[monday], "2027-01-18", 5, true, "{", '["a"]', "5"]) {
    for (const result of await asked(args)) {
      t.equal(result.isError, true, JSON.stringify(args));
      const { error } = JSON.parse(result.content[0].text);
      t.match(error, { code: "invalid_arguments", next_step: /call it again/ });
      t.match(error.problems[0], 'the arguments must be one JSON object, such as {"date_iso": …}');
    }
  }
});

t.test(
  "a value that nobody filled in is refused, dropped in notes, and no name is taken for one",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const unfilled = [
      "{{name}}",
      "{{ $json.name }}",
      "{name}",
      `$\{name}`,
      "[Customer Name]",
      "<name>",
      "%name%",
    ];
    const words = ["null", "undefined", "none", "N/A", "n/a", "#N/A"];
    for (const value of [...unfilled, ...words]) {
      const named = await world.call("luna", "book", { ...ana, attendee_name: value });
      t.match(
        named.error,
        { code: "invalid_arguments", problems: [/^attendee_name is a placeholder/] },
        value,
      );
      const keyed = await world.call("luna", "book", { ...ana, idempotency_key: value });
      t.match(keyed.error, { problems: [/^idempotency_key is a placeholder.+leave it out/] }, value);
      const timed = await world.call("luna", "book", { ...ana, start_iso: value });
      t.match(timed.error, { code: "invalid_time", problems: [/^start_iso is a placeholder/] }, value);
    }
    const phone = await world.call("luna", "book", { ...ana, attendee_phone: "N/A" });
    t.match(phone.error, { problems: [/^attendee_phone is a placeholder.+leave it out/] });
    t.match(
      await world.call("luna", "list_bookings", { attendee_phone: "{{phone}}" }),
      { error: {} },
      "not all",
    );
    t.strictSame(await eventsOf(world), []);

    const starts = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"];
    const notes = [...unfilled.slice(0, 2), "[Notes]", "<notes>", "None", "undefined", "N/A"];
    for (const [index, time] of starts.entries()) {
      const args = { ...ana, start_iso: `2027-01-18T${time}:00-05:00`, notes: notes[index] };
      t.match(await world.call("luna", "book", args), { answer: { status: "confirmed" } }, `${notes[index]}`);
    }
    t.notOk((await eventsOf(world)).some(({ description }) => description.includes("Notes")));

    const names = [
      "Null",
      "NULL",
      "O'Neill",
      "João",
      "李",
      "3M",
      "Y",
      "ñ".repeat(200),
      "محمد علی",
      "None",
      "A {B} C",
    ];
    for (const [index, attendee_name] of names.entries()) {
      const start_iso = `2027-01-${19 + Math.floor(index / 8)}T${9 + (index % 8)}:00:00-05:00`.replace(
        "T9",
        "T09",
      );
      t.match(
        await world.call("luna", "book", { ...ana, start_iso, attendee_name, notes: "ask for [Ana]" }),
        {
          answer: { attendee_name },
        },
      );
    }
    t.ok((await eventsOf(world)).some(({ description }) => description.includes("ask for [Ana]")));
  },
);

t.test("a name that shows nothing is no name, of an attendee or a business", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const nothing = [
    "\u3164",
    "\u2800",
    "\u200b",
    "\u200b\u00ad",
    "\u0301",
    "\u3000\u00a0",
    "\ufe0f",
    "…",
    "👍",
  ];
  for (const [index, name] of nothing.entries()) {
    const { error } = await world.call("luna", "book", { ...ana, attendee_name: name });
    t.equal(error?.code, "invalid_arguments", `attendee ${index}`);
    t.equal((await world.connect("sol", { customer_name: name })).status, 400, `business ${index}`);
  }
  for (const customer_name of ["Luna\nmore", "Luna\r\nmore", "Luna\u2028more", "Luna\u0085more"])
    t.match(await world.connect("sol", { customer_name }), {
      status: 400,
      body: { message: /must be one line/ },
    });
  t.match(await world.connect("sol", { customer_name: " Luna\u202e & 3M\u200b\n" }), {
    body: { customer_name: "Luna & 3M" },
  });
  t.strictSame(await eventsOf(world), []);
});
