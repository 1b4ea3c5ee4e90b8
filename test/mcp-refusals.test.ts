import t from "tap";
import { untilCalled } from "./support/until-called.ts";
import { createWorld, type World } from "./support/world.ts";

const slots = { name: "get_available_slots", arguments: { date_iso: "2027-01-18" } };
const callSlots = { jsonrpc: "2.0", id: 1, method: "tools/call", params: slots };

t.test(
  "a request that names no customer, a malformed one or an unknown one gets unknown_customer",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const headers = [
      {},
      { "x-customer-id": "" },
      { "x-customer-id": "a b" },
      { "x-customer-id": "nobody" },
      { "x-customer-id": "luna, sol" },
    ];
    for (const header of headers) {
      const { status, body } = await world.rpc(callSlots, header as Record<string, string>);
      t.equal(status, 200);
      t.equal(body.result.isError, true);
      t.equal(body.result.structuredContent, undefined);
      t.match(JSON.parse(body.result.content[0].text), {
        error: { code: "unknown_customer", message: String, retryable: false, next_step: String },
      });
    }
  },
);

t.test("the customer is never a tool argument", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.connected("sol");
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18", customer_id: "sol" }), {
    error: {
      code: "invalid_arguments",
      message: /customer_id/,
      problems: [/there is no argument "customer_id"/],
    },
  });
});

t.test("arguments that are wrong are named, with a stable code", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { language: "en" });
  const at = "2027-01-18T09:00:00-05:00";
  const cases: [tool: string, args: object, code: string, message: RegExp][] = [
    ["get_available_slots", {}, "invalid_time", /date_iso is required/],
    ["get_available_slots", { date_iso: "2027-02-30" }, "invalid_time", /date_iso must be a real date/],
    ["get_available_slots", { date_iso: "tomorrow" }, "invalid_time", /date_iso must be a real date/],
    ["get_available_slots", { date_iso: 20270118 }, "invalid_time", /date_iso/],
    ["get_available_slots", { date_iso: "2027-01-18", days: 0 }, "invalid_time", /days must be at least 1/],
    ["get_available_slots", { date_iso: "2027-01-18", days: 32 }, "invalid_time", /days must be at most 31/],
    [
      "get_available_slots",
      { date_iso: "2027-01-18", days: 1.5 },
      "invalid_time",
      /days must be a whole number/,
    ],
    [
      "get_available_slots",
      { date_iso: "2027-01-18", duration_minutes: -5 },
      "invalid_time",
      /duration_minutes/,
    ],
    [
      "get_available_slots",
      { date_iso: "2027-01-18", timezone: "UTC" },
      "invalid_arguments",
      /no argument "timezone"/,
    ],
    [
      "get_available_slots",
      { date_iso: "2027-01-18", service: "massage" },
      "unknown_service",
      /doesn't offer/,
    ],
    ["book", { start_iso: at }, "invalid_arguments", /attendee_name/],
    ["book", { attendee_name: "Ana" }, "invalid_time", /start_iso is required/],
    ["book", { start_iso: at, attendee_name: "   " }, "invalid_arguments", /attendee_name must not be empty/],
    [
      "book",
      { start_iso: at, attendee_name: "x".repeat(201) },
      "invalid_arguments",
      /attendee_name must be at most/,
    ],
    ["book", { start_iso: "2027-02-30T09:00:00-05:00", attendee_name: "Ana" }, "invalid_time", /real date/],
    ["book", { start_iso: "18/01/2027 9am", attendee_name: "Ana" }, "invalid_time", /real date/],
    ["book", { start_iso: "2027-01-18", attendee_name: "Ana" }, "invalid_time", /real date/],
    ["book", { start_iso: at, attendee_name: "Ana", service: "massage" }, "unknown_service", /doesn't offer/],
    [
      "book",
      { start_iso: "2026-01-19T09:00:00-05:00", attendee_name: "Ana" },
      "too_soon",
      /has passed or is too soon/,
    ],
    ["book", { start_iso: "2029-01-18T09:00:00-05:00", attendee_name: "Ana" }, "too_far", /too far ahead/],
    [
      "book",
      { start_iso: "2027-01-18T07:00:00-05:00", attendee_name: "Ana" },
      "outside_hours",
      /don't start at that time/,
    ],
    [
      "book",
      { start_iso: "2027-01-18T09:10:00-05:00", attendee_name: "Ana" },
      "outside_hours",
      /don't start at that time/,
    ],
    [
      "book",
      { start_iso: "2027-01-17T10:00:00-05:00", attendee_name: "Ana" },
      "too_soon",
      /has passed or is too soon/,
    ],
  ];
  for (const [tool, args, code, message] of cases) {
    t.match(
      await world.call("luna", tool, args),
      { error: { code, message } },
      `${tool} ${JSON.stringify(args)}`,
    );
  }
  t.strictSame(
    (await world.sandbox("GET", "events?email=luna@example.com")).events,
    [],
    "nothing was booked",
  );
});

t.test("a range without slots says why, and when the next one is", async (t) => {
  const world = await createWorld(t);
  const full = { summary: "Feria", start: "2027-01-18T00:00:00", end: "2027-01-19T00:00:00" };
  await world.connected("luna", { events: [full] });
  const ask = async (date_iso: string) =>
    (await world.call("luna", "get_available_slots", { date_iso })).answer;
  t.match(await ask("2027-01-18"), {
    slots: [],
    reason: "fully_booked",
    next_available: { start: /^2027-01-19T09:00/ },
  });
  t.match(await ask("2027-01-23"), {
    slots: [],
    reason: "closed",
    next_available: { label: /^lunes 25 de enero de 2027/ },
  });
  t.match(await ask("2026-01-19"), {
    slots: [],
    reason: "too_soon",
    next_available: { start: /^2027-01-19T09:00/ },
  });
  t.match(await ask("2029-01-19"), { slots: [], reason: "too_far" });
});

t.test(
  "a wall time without an offset is the business's own; one that doesn't exist or exists twice is refused",
  async (t) => {
    const world = await createWorld(t, { now: Date.parse("2027-03-01T12:00:00Z") });
    await world.connected("nyc", { time_zone: "America/New_York" });
    const book = (start_iso: string) => world.call("nyc", "book", { start_iso, attendee_name: "Ana" });
    t.match(await book("2027-03-15T09:00"), {
      answer: { start: "2027-03-15T09:00:00-04:00", status: "confirmed" },
    });
    t.match(await book("2027-03-14T02:30:00"), {
      error: { code: "invalid_time", readings: ["2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"] },
    });
    t.match(await book("2027-11-07T01:30:00"), {
      error: { code: "invalid_time", readings: ["2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00"] },
    });
  },
);

t.test("what isn't a JSON-RPC request gets a JSON-RPC error, never a 5xx", async (t) => {
  const world = await createWorld(t);
  const post = (body: string, headers: Record<string, string> = {}) => world.rpc(body, headers);
  t.match(await post("{"), { status: 400, body: { error: { code: -32700 } } });
  t.match(await post(""), { status: 400, body: { error: { code: -32700 } } });
  t.match(await post(`[${JSON.stringify(callSlots)}]`), { status: 400, body: { error: { code: -32600 } } });
  t.match(await post("[]"), { status: 400, body: { error: { code: -32600 } } });
  for (const body of ["null", "1", '"x"', "{}", '{"jsonrpc":"1.0","id":1,"method":"x"}']) {
    const { status, body: answer } = await post(body);
    t.ok(status >= 400 && status < 500, `${body}: ${status}`);
    t.type(answer.error.code, "number");
  }
  t.match(await post(JSON.stringify({ ...callSlots, params: { pad: "x".repeat(300_000) } })), {
    status: 413,
    body: { error: { code: -32600 } },
  });
  t.match(await post("a=b", { "content-type": "application/x-www-form-urlencoded" }), {
    status: 415,
    body: { error: { code: -32600 } },
  });
  t.match(await post(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "no/such" })), {
    body: { error: { code: -32601 } },
  });
  const unknownTool = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "drop_tables", arguments: {} },
  };
  t.match(await post(JSON.stringify(unknownTool)), {
    body: { error: { code: -32602, message: /no tool "drop_tables"/ } },
  });
  for (const method of ["GET", "DELETE", "PUT"]) {
    const response = await fetch(`${world.mcpUrl}/mcp`, { method });
    t.equal(response.status, 405);
    t.equal(response.headers.get("allow"), "POST");
  }
});

t.test("where a header alone is trusted, a page under another name can't reach it", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const response = await world.mcp.app.inject({
    method: "POST",
    url: "/mcp",
    headers: { host: "rebound.example", "content-type": "application/json", "x-customer-id": "luna" },
    payload: callSlots,
  });
  t.equal(response.statusCode, 403);
});

const list = { kind: "calendar#events", timeZone: "America/Bogota", items: [] };
const reversed = {
  id: "x",
  start: { dateTime: "2027-01-18T12:00:00Z" },
  end: { dateTime: "2027-01-18T11:00:00Z" },
};
const zoneless = {
  id: "x",
  start: { dateTime: "2027-01-18T09:00:00" },
  end: { dateTime: "2027-01-18T17:00:00" },
};

const faults: [fault: object, code: string][] = [
  [{ status: 401 }, "calendar_unavailable"],
  [{ status: 403, body: googleError(403, "rateLimitExceeded") }, "rate_limited"],
  [{ status: 403, body: googleError(403, "accessNotConfigured") }, "calendar_unavailable"],
  [{ status: 404 }, "calendar_unavailable"],
  [{ status: 429 }, "rate_limited"],
  [{ status: 500 }, "calendar_unavailable"],
  [{ status: 503 }, "calendar_unavailable"],
  [{ status: 200, body: "<html>garbage</html>" }, "calendar_unavailable"],
  [
    { status: 200, body: "{not json", headers: { "content-type": "application/json" } },
    "calendar_unavailable",
  ],
  [{ status: 200, body: {} }, "calendar_unavailable"],
  [{ status: 200, body: { timeZone: "America/Bogota" } }, "calendar_unavailable"],
  [{ status: 200, body: { ...list, timeZone: "Nowhere/Nothing" } }, "calendar_unavailable"],
  [{ status: 200, body: { ...list, items: [{ id: "x" }] } }, "calendar_unavailable"],
  [{ status: 200, body: { ...list, items: [reversed] } }, "calendar_unavailable"],
  [{ status: 200, body: { ...list, items: [zoneless] } }, "calendar_unavailable"],
  [{ status: 200, body: { ...list, nextPageToken: "again" } }, "calendar_unavailable"],
  [{ drop: true }, "calendar_unavailable"],
  [{ latency_ms: 1_500 }, "calendar_unavailable"],
];

function googleError(code: number, reason: string) {
  return { error: { code, message: reason, errors: [{ domain: "usageLimits", reason, message: reason }] } };
}

async function eventsOf(world: World, customerId: string): Promise<{ status: string }[]> {
  const { events } = await world.sandbox("GET", `events?email=${customerId}@example.com`);
  return events.filter((event: { status: string }) => event.status !== "cancelled");
}

/** What the business itself does in its calendar while we are at work. */
async function insertByHand(world: World, customerId: string, start: string, end: string): Promise<void> {
  const connection = await world.mcp.store.connections.find({ customerId, provider: "google" });
  const response = await fetch(`${world.googleUrl}/calendar/v3/calendars/primary/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${connection?.accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ summary: "By hand", start: { dateTime: start }, end: { dateTime: end } }),
  });
  if (!response.ok) throw new Error(await response.text());
}

t.test("a Google that is slow, down, refuses or talks nonsense is never 'no availability'", async (t) => {
  const world = await createWorld(t, { googleTimeoutMs: 300 });
  await world.connected("luna");
  for (const [fault, code] of faults) {
    await world.sandbox("POST", "faults", { path: "/calendar/v3", ...fault });
    const about = JSON.stringify(fault);
    const slots = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
    t.match(slots, { answer: undefined, error: { code } }, about);
    const booking = await world.call("luna", "book", {
      start_iso: "2027-01-18T09:00:00-05:00",
      attendee_name: "Ana",
    });
    t.match(booking, { answer: undefined, error: { code } }, about);
    await world.sandbox("DELETE", "faults");
    t.strictSame(await eventsOf(world, "luna"), []);
  }
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { status: "connected" });
  t.match(
    await world.call("luna", "book", { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana" }),
    {
      answer: { status: "confirmed" },
    },
  );
});

t.test(
  "a booking whose insert or second reading fails leaves nothing behind and can be repeated",
  async (t) => {
    const world = await createWorld(t, { googleTimeoutMs: 300 });
    await world.connected("luna");
    const book = { start_iso: "2027-01-18T09:00:00-05:00", attendee_name: "Ana", idempotency_key: "k1" };
    const insert = { method: "POST", path: "/calendar/v3" };
    const refused: [fault: object, code: string][] = [
      [{ ...insert, status: 400 }, "calendar_unavailable"],
      [{ ...insert, status: 429 }, "rate_limited"],
      [{ ...insert, drop: "answer" }, "calendar_unavailable"],
    ];
    for (const [fault, code] of refused) {
      await world.sandbox("POST", "faults", fault);
      t.match(await world.call("luna", "book", book), { error: { code } });
      await world.sandbox("DELETE", "faults");
      t.strictSame(await eventsOf(world, "luna"), [], JSON.stringify(fault));
    }
    const first = await world.call("luna", "book", book);
    t.match(first, { answer: { status: "confirmed" } });
    t.strictSame(await world.call("luna", "book", book), first, "the same key again is the same booking");
    t.match(await world.call("luna", "book", { ...book, attendee_name: "Bea" }), {
      error: { code: "idempotency_conflict" },
    });
    t.equal((await eventsOf(world, "luna")).length, 1);
  },
);

t.test("an insert that got no answer is sent again under the same id, and books once", async (t) => {
  const world = await createWorld(t, { googleTimeoutMs: 300 });
  await world.connected("luna");
  const faults: object[] = [{ status: 500 }, { drop: true }, { drop: "answer" }, { latency_ms: 1_000 }];
  for (const [i, fault] of faults.entries()) {
    await world.sandbox("POST", "faults", { method: "POST", path: "/calendar/v3", times: 1, ...fault });
    const start_iso = `2027-01-18T${10 + i}:00:00-05:00`;
    const { answer } = await world.call("luna", "book", { start_iso, attendee_name: "Ana" });
    t.match(answer, { status: "confirmed", start: start_iso }, JSON.stringify(fault));
    await world.sandbox("DELETE", "faults");
    t.equal((await eventsOf(world, "luna")).length, i + 1);
  }
});

t.test("somebody else's event that comes in between wins, and ours is gone", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.sandbox("POST", "faults", { method: "POST", path: "/calendar/v3", latency_ms: 600, times: 1 });
  await world.sandbox("DELETE", "calls");
  const booking = world.call("luna", "book", {
    start_iso: "2027-01-18T10:00:00-05:00",
    attendee_name: "Ana",
  });
  await untilCalled(() => world.sandbox("GET", "calls"), "POST /calendar/v3/calendars/primary/events");
  await insertByHand(world, "luna", "2027-01-18T10:15:00-05:00", "2027-01-18T10:45:00-05:00");
  t.match(await booking, { error: { code: "slot_taken", alternatives: { length: 3 } } });
  t.match(await eventsOf(world, "luna"), [{ summary: "By hand" }]);
  t.equal((await eventsOf(world, "luna")).length, 1, "ours is gone");
});

t.test("a booking that a person deleted or moved in the calendar no longer blocks its time", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const book = { start_iso: "2027-01-18T10:00:00-05:00", attendee_name: "Ana", idempotency_key: "k1" };
  const first = await world.call("luna", "book", book);
  world.clock.now += 1_000;
  await world.byHand("luna", "DELETE", first.answer.event_id);
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  t.ok(
    answer.slots.some((slot: { start: string }) => slot.start === book.start_iso),
    "it is offered again",
  );
  const again = await world.call("luna", "book", { ...book, attendee_name: "Bea", idempotency_key: "k2" });
  t.match(again, { answer: { status: "confirmed" } });
  t.match(
    await world.call("luna", "book", book),
    { error: { code: "booking_not_found" } },
    "the first one is no more",
  );
  t.equal((await eventsOf(world, "luna")).length, 1);
});

t.test("whoever takes JSON gets JSON, however they say it", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const accepted = [
    "application/json, text/plain, */*",
    "application/json;q=0.9",
    "*/*;q=0.8",
    "application/*",
    "APPLICATION/JSON",
  ];
  for (const accept of accepted) {
    const { status, headers, body } = await world.rpc(callSlots, { accept, "x-customer-id": "luna" });
    t.equal(status, 200, accept);
    t.match(headers.get("content-type"), /^application\/json/);
    t.equal(body.result.isError, undefined);
  }
});

t.test(
  "dates no appointment lies in are named as such, not as a calendar that can't be reached",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    await world.sandbox("DELETE", "calls");
    for (const date_iso of ["9999-12-31", "0001-01-01"]) {
      t.match(await world.call("luna", "get_available_slots", { date_iso }), {
        error: { code: "invalid_time" },
      });
    }
    t.equal((await world.sandbox("GET", "calls")).total, 0);
  },
);

t.test("an expired access token is renewed in passing; a revoked grant needs the business", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.sandbox("POST", "expire-access-tokens");
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
    answer: { truncated: false },
  });

  world.clock.now += 2 * 3_600_000;
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
    answer: { truncated: false },
  });

  await world.sandbox("POST", "faults", { path: "/token", status: 503 });
  await world.sandbox("POST", "expire-access-tokens");
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
    error: { code: "calendar_unavailable" },
  });
  await world.sandbox("DELETE", "faults");
  t.match(
    (await world.api("GET", "/v1/customer-calendars/luna")).body,
    { status: "connected" },
    "a fault disconnects nobody",
  );

  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  const { error } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  t.match(error, { code: "reconnect_required", retryable: false });
  t.notMatch(JSON.stringify(error), "/connect/", "an agent never gets a consent link");
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, {
    status: "reconnect_required",
    reconnect_reason: "invalid_grant",
  });

  const { body } = await world.connect("luna");
  await world.consent(body.shareable_link);
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
    answer: { truncated: false },
  });
});
