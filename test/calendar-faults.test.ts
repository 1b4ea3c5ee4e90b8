import t from "tap";
import { untilCalled } from "./support/until-called.ts";
import { createWorld, type World } from "./support/world.ts";

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

t.test("a Google that is slow, down, refuses or talks nonsense is never 'no availability'", async (t) => {
  const world = await createWorld(t, { requestTimeoutMs: 300 });
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
    const world = await createWorld(t, { requestTimeoutMs: 300 });
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
  const world = await createWorld(t, { requestTimeoutMs: 300 });
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
