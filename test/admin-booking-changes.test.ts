import t from "tap";
import { isRepeated, testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { googleProvider } from "./support/google-provider.ts";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

const pathOf = (bookingId: string, action: string, customerId = "luna") =>
  `/v1/customer-calendars/${customerId}/bookings/${bookingId}/${action}`;
const monday = (time: string) => `2027-01-18T${time}:00-05:00`;
const unknownId = "0".repeat(32);

async function book(world: World, start_iso: string, args: object = {}) {
  const request = { start_iso, attendee_name: "Ana Ruiz", ...args };
  const { answer, error } = await world.call("luna", "book", request);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer;
}

const cancel = (world: World, bookingId: string) => world.api("POST", pathOf(bookingId, "cancel"));
const reschedule = (world: World, bookingId: string, start_iso: unknown) =>
  world.api("POST", pathOf(bookingId, "reschedule"), { start_iso });

async function eventOf(world: World, eventId: string) {
  const events = await world.readEvents("luna@example.com");
  return events.find(({ id }) => id === eventId);
}

t.test("an admin moves and cancels a booking in the calendar, as an agent does", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id, event_id } = await book(world, monday("09:00"));
  world.clock.now += 60_000;
  const moved = await reschedule(world, booking_id, monday("15:00"));
  t.match(moved, {
    status: 200,
    body: {
      booking_id,
      event_id,
      status: "confirmed",
      start: monday("15:00"),
      end: monday("15:30"),
      updated_at: "2027-01-17T23:01:00.000Z",
    },
  });
  t.match(await eventOf(world, event_id), { start: Date.parse(monday("15:00")) });
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/bookings");
  t.strictSame(body.bookings, [moved.body], "it is the same as in the list");
  t.strictSame((await reschedule(world, booking_id, monday("15:00"))).body, moved.body, "and again");

  const cancelled = await cancel(world, booking_id);
  t.match(cancelled, { status: 200, body: { booking_id, status: "cancelled", start: monday("15:00") } });
  t.equal(await eventOf(world, event_id), undefined);
  t.strictSame((await cancel(world, booking_id)).body, cancelled.body, "and again");
  const { activity } = (await world.api("GET", "/v1/customer-calendars/luna/activity")).body;
  t.match(activity.slice(0, 2), [
    { kind: "cancelled", detail: { by: "admin" } },
    { kind: "rescheduled", detail: { by: "admin", from: monday("09:00"), start: monday("15:00") } },
  ]);
  t.match(await reschedule(world, booking_id, monday("16:00")), {
    status: 404,
    body: { code: "booking_not_found", message: /cancelled/ },
  });
});

t.test("what can't be done is refused by a code, and the nearest times are named", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await world.connected("sol");
  const { booking_id } = await book(world, monday("09:00"));
  await book(world, monday("10:00"), { attendee_name: "Bea" });
  const refused: [start: unknown, status: number, code: string][] = [
    [monday("10:00"), 409, "slot_taken"],
    [monday("10:15"), 409, "outside_hours"],
    [monday("20:00"), 409, "outside_hours"],
    ["2027-01-17T09:00:00-05:00", 409, "too_soon"],
    ["2020-01-20T09:00:00-05:00", 409, "too_soon"],
    ["2029-01-18T09:00:00-05:00", 409, "too_far"],
    ["tomorrow", 400, "invalid_time"],
    ["", 400, "invalid_time"],
    ["2027-02-30T09:00:00-05:00", 400, "invalid_time"],
    ["2027-01-18T25:00:00-05:00", 400, "invalid_time"],
    [`${monday("10:00")}${" ".repeat(40)}`, 400, "invalid_request"],
    [1_800_000_000_000, 400, "invalid_request"],
    [null, 400, "invalid_request"],
    [undefined, 400, "invalid_request"],
  ];
  for (const [start, statusCode, code] of refused) {
    const { status, body } = await reschedule(world, booking_id, start);
    t.match({ status, body }, { status: statusCode, body: { statusCode, code, message: /\S/ } }, `${start}`);
    t.notMatch(body.message, /agent|the person|list_bookings/, "it speaks to an admin");
  }
  const { alternatives } = (await reschedule(world, booking_id, monday("10:00"))).body;
  t.match(alternatives, [
    { start: monday("09:30"), weekday: "Monday", label: /January/ },
    { start: monday("10:30") },
    { start: monday("11:00") },
  ]);

  for (const id of [unknownId, "none", "x".repeat(100)]) {
    for (const answer of [await cancel(world, id), await reschedule(world, id, monday("11:00"))]) {
      t.match(answer, { status: 404, body: { code: "booking_not_found" } }, id);
    }
  }
  for (const id of ["no%20id", "..%2F..", ":".repeat(100), "%F0%9F%92%88"]) {
    t.match(await cancel(world, id), { status: 400, body: { code: "invalid_request" } }, id);
  }
  t.match(await cancel(world, "x".repeat(101)), { status: 404 });
  t.match(await world.api("POST", pathOf(booking_id, "cancel", "sol")), {
    status: 404,
    body: { code: "booking_not_found" },
  });
  t.match(await world.api("POST", pathOf(booking_id, "cancel", "nobody")), {
    status: 404,
    body: { code: "unknown_customer" },
  });
  t.match(await world.api("POST", pathOf(booking_id, "cancel"), undefined, "wrong"), { status: 401 });
  const body = { start_iso: monday("11:00"), service: "other" };
  t.match(await world.api("POST", pathOf(booking_id, "reschedule"), body), { status: 400 });
  const { bookings } = (await world.api("GET", "/v1/customer-calendars/luna/bookings")).body;
  t.match(bookings, [{ booking_id, start: monday("09:00"), status: "confirmed" }, {}], "it stands as it did");

  const direct = await fetch(`${world.mcpUrl}/customers/luna/bookings/${booking_id}/cancel`, {
    method: "POST",
  });
  t.equal(direct.status, 401);
  const headers = { authorization: `Bearer ${serviceKey}` };
  const known = await fetch(`${world.mcpUrl}/customers/luna/bookings/${unknownId}/cancel`, {
    method: "POST",
    headers,
  });
  t.match(await known.json(), { code: "booking_not_found", statusCode: 404 });
});

t.test(
  "a calendar that fails changes nothing, and is told apart from one that isn't connected",
  async (t) => {
    const world = await createWorld(t, { provider });
    await world.connected("luna");
    const { booking_id } = await book(world, monday("09:00"));
    const both = async () => [
      await cancel(world, booking_id),
      await reschedule(world, booking_id, monday("10:00")),
    ];
    const failures: [fault: object, code: string][] = [
      [{ status: 503 }, "calendar_unavailable"],
      [{ drop: true }, "calendar_unavailable"],
      [{ status: 200, body: "<html>a proxy</html>" }, "calendar_unavailable"],
      [provider.accountRefusal, "calendar_unavailable"],
      [{ status: 429 }, "rate_limited"],
      // Only Google has a 403 for who asks too often.
      ...(provider === googleProvider ? [[{ status: 403 }, "rate_limited"] as [object, string]] : []),
    ];
    for (const [fault, code] of failures) {
      await world.fault("any", fault);
      const expected = { status: 503, body: { statusCode: 503, code } };
      for (const answer of await both()) t.match(answer, expected, JSON.stringify(fault));
      await world.sandbox("DELETE", "faults");
    }
    t.match(await reschedule(world, booking_id, monday("09:00")), { status: 200, body: { stranded: false } });

    await world.sandbox("POST", "revoke", { email: "luna@example.com" });
    for (const answer of await both()) t.match(answer, { status: 409, body: { code: "reconnect_required" } });
    await world.api("DELETE", "/v1/customer-calendars/luna");
    for (const answer of await both()) t.match(answer, { status: 409, body: { code: "not_connected" } });
  },
);

t.test("what the business has done itself is told first, and what has begun stays", async (t) => {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const { booking_id, event_id } = await book(world, monday("09:00"));
  const owner = await world.ownerOf("luna");
  const byHand = (time: string, end: string, more = {}) =>
    owner.change(event_id, { start: monday(time), end: monday(end), ...more });
  await byHand("13:00", "13:30");
  t.match(await cancel(world, booking_id), {
    status: 409,
    body: { code: "booking_changed", message: /2027-01-18T13:00:00-05:00/ },
  });
  t.match(await reschedule(world, booking_id, monday("14:00")), { status: 200 }, "knowing that, it is moved");
  await byHand("14:00", "14:30", { weekly: 4 });
  t.match(await cancel(world, booking_id), { status: 409, body: { code: "booking_changed" } });

  const other = await book(world, monday("10:00"));
  await owner.remove(other.event_id);
  t.match(await reschedule(world, other.booking_id, monday("11:00")), {
    status: 404,
    body: { code: "booking_not_found" },
  });
  const begun = await book(world, monday("09:00"));
  world.clock.now = Date.parse(monday("09:00"));
  for (const answer of [
    await cancel(world, begun.booking_id),
    await reschedule(world, begun.booking_id, monday("12:00")),
  ]) {
    t.match(answer, { status: 409, body: { code: "too_soon", message: /has begun/ } });
  }
});

/** No calendar has a part in it. */
if (!isRepeated(provider)) {
  t.test("the OpenAPI document says how, with examples that keep to the schema", async (t) => {
    const world = await createWorld(t, { provider });
    const document = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
    for (const action of ["cancel", "reschedule"]) {
      const { post } = document.paths[`/v1/customer-calendars/{customer_id}/bookings/{booking_id}/${action}`];
      t.match(post, {
        security: [{ adminKey: [] }],
        responses: { 200: {}, 400: {}, 404: {}, 409: {}, 502: {}, 503: {} },
      });
      t.match(post.responses[200].content["application/json"].example, { stranded: false, invitation: null });
      t.equal(post.requestBody === undefined, action === "cancel");
    }
    const { get } = document.paths["/v1/customer-calendars/{customer_id}"];
    t.match(get.responses[200].content["application/json"].schema.properties, {
      stranded_bookings: { type: "integer" },
    });
  });
}

testOtherProviders(import.meta.url);
