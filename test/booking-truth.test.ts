import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t from "tap";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { createWorld, type World } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

const ten = "2027-01-18T10:00:00-05:00";
const eleven = "2027-01-18T11:00:00-05:00";
const monday = { date_iso: "2027-01-18" };
const ana = { attendee_name: "Ana Ruiz", attendee_phone: "+57 300 123 4567", notes: "first visit" };
const request = { start_iso: ten, ...ana, idempotency_key: "k1" };

const book = (world: World, args: object = request) => world.call("luna", "book", args);

const eventsLeft = (world: World) => world.readEvents("luna@example.com");

/** How many rows the ledger has, whatever has become of them. */
async function rowsOf(world: World): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from bookings`.execute(world.mcp.db);
  return rows[0]?.count ?? Number.NaN;
}

async function callsDuring(world: World, act: () => Promise<unknown>): Promise<number> {
  world.providerCalls.take();
  await act();
  return world.providerCalls.take().length;
}

async function connected(t: Parameters<typeof createWorld>[0], options = {}): Promise<World> {
  const world = await createWorld(t, { provider, ...options });
  await world.connected("luna");
  // From then on the calendar's zone is known.
  await world.call("luna", "get_available_slots", monday);
  return world;
}

t.test("a booking that is asked for again is looked at before it is said to be confirmed", async (t) => {
  const world = await connected(t);
  const { answer } = await book(world);
  t.equal(await callsDuring(world, () => book(world)), 1, "one look");
  t.strictSame((await book(world)).answer, answer);

  await (await world.ownerOf("luna")).change(answer.event_id, {
    start: eleven,
    end: "2027-01-18T11:45:00-05:00",
  });
  t.match(
    await book(world),
    { answer: { status: "confirmed", booking_id: answer.booking_id, start: eleven, end: /T11:45/ } },
    "where it is now",
  );
  await (await world.ownerOf("luna")).change(answer.event_id, { free: true });
  t.match(await book(world), { answer: { start: eleven } }, "marked as free it still stands");

  await world.fault("any", { status: 503 });
  t.match(await book(world), { answer: undefined, error: { code: "calendar_unavailable" } });
  await world.sandbox("DELETE", "faults");

  await (await world.ownerOf("luna")).remove(answer.event_id);
  t.match(await book(world), { error: { code: "booking_not_found", message: /se canceló o se borró/ } });
  t.match(await book(world), { error: { code: "booking_not_found" } }, "and again");
  t.match(await book(world, { ...request, idempotency_key: "k2" }), { answer: { status: "confirmed" } });
});

t.test("what the calendar can't tell of a booking any more isn't called confirmed", async (t) => {
  const world = await connected(t);
  await book(world);
  await world.api("DELETE", "/v1/customer-calendars/luna");
  t.match(await book(world), { answer: undefined, error: { code: "not_connected" } });
  const { body } = await world.connect("luna", { any_account: true });
  await world.sandbox("POST", "accounts", { email: "other@example.com", time_zone: "America/Bogota" });
  await world.consent(body.shareable_link, { account: "other@example.com" });
  const { error } = await book(world);
  t.match(error, {
    code: "calendar_unavailable",
    retryable: false,
    message: /ya no tiene conectado/,
  });
});

t.test("a repeated booking waits for a move under way, and says where it ended", async (t) => {
  const world = await connected(t);
  const { answer } = await book(world);
  const { booking_id } = answer;
  let asked: ReturnType<typeof book> | undefined;
  world.providerCalls.after("patch", async () => {
    asked = book(world);
    await sleep(100);
  });
  await world.call("luna", "reschedule_booking", { booking_id, start_iso: eleven });
  t.match(await asked, { answer: { status: "confirmed", booking_id, start: eleven } });
});

const refusedBySchedule: Record<string, [start: string, code: string]> = {
  "at night": ["2027-01-18T03:00:00-05:00", "outside_hours"],
  "beside the grid": ["2027-01-18T10:07:00-05:00", "outside_hours"],
  "too late to end in time": ["2027-01-18T16:45:00-05:00", "outside_hours"],
  "on a closed day": ["2027-01-23T10:00:00-05:00", "outside_hours"],
  "in the past": ["2027-01-15T10:00:00-05:00", "too_soon"],
  "a year from now": ["2028-01-18T10:00:00-05:00", "too_far"],
  "in a hundred years": ["2099-01-18T10:00:00-05:00", "too_far"],
};

t.test("what schedule and horizon refuse leaves no row behind, however often it is asked for", async (t) => {
  const world = await connected(t);
  const { answer } = await book(world);
  const before = await rowsOf(world);
  for (const [when, [start_iso, code]] of Object.entries(refusedBySchedule)) {
    const asked = { start_iso, attendee_name: "Eva", notes: "x".repeat(2_000) };
    const moved = { booking_id: answer.booking_id, start_iso };
    world.providerCalls.take();
    for (let i = 0; i < 3; i++) t.match(await book(world, asked), { error: { code } }, when);
    t.match(await world.call("luna", "reschedule_booking", moved), { error: { code } }, `moved: ${when}`);
    t.notOk(world.providerCalls.take().includes("insert"));
  }
  t.equal(await rowsOf(world), before);
  t.match(await eventsLeft(world), [{ start: Date.parse(ten) }]);
  t.equal((await eventsLeft(world)).length, 1);
});

t.test("what lies beyond the horizon, is past or closed for long costs no request", async (t) => {
  const world = await connected(t);
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", {
    weekly_hours: { monday: [{ start: "09:00", end: "12:00" }] },
    date_overrides: ["25", "26", "27"].map((day) => ({ date: `2027-01-${day}`, windows: [] })),
    horizon_days: 30,
  });
  const silent: [tool: string, args: object, expected: object][] = [
    [
      "get_available_slots",
      { date_iso: "2027-06-01", days: 31 },
      { answer: { reason: "too_far", slots: [] } },
    ],
    ["get_available_slots", { date_iso: "2099-12-31" }, { answer: { reason: "too_far", slots: [] } }],
    ["get_available_slots", { date_iso: "2027-02-16" }, { answer: { reason: "closed", slots: [] } }],
    ["get_available_slots", { date_iso: "2027-01-22" }, { answer: { reason: "closed", slots: [] } }],
    [
      "book",
      { start_iso: "2027-06-01T10:00:00-05:00", attendee_name: "Eva" },
      { error: { code: "too_far" } },
    ],
    [
      "book",
      { start_iso: "2026-06-01T10:00:00-05:00", attendee_name: "Eva" },
      { error: { code: "too_soon" } },
    ],
  ];
  for (const [tool, args, expected] of silent) {
    const calls = await callsDuring(world, async () =>
      t.match(await world.call("luna", tool, args), expected, JSON.stringify(args)),
    );
    t.equal(calls, 0, JSON.stringify(args));
  }
});

t.test(
  "a question reads what bears on the days asked, and more only where none of them is free",
  async (t) => {
    const world = await connected(t);
    const read = async (args: object) => {
      world.providerCalls.take();
      const { answer } = await world.call("luna", "get_available_slots", args);
      return { answer, calls: world.providerCalls.take().length };
    };
    t.equal((await read(monday)).calls, 1);
    await (await world.ownerOf("luna")).insert({
      start: "2027-01-18T00:00:00-05:00",
      end: "2027-01-19T12:00:00-05:00",
    });
    const { answer, calls } = await read(monday);
    t.match(answer, { reason: "fully_booked", next_available: { start: "2027-01-19T12:00:00-05:00" } });
    t.equal(calls, 2);
  },
);

t.test("a zone that was changed in the calendar is believed at once", async (t) => {
  const world = await connected(t);
  await world.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "Asia/Tokyo", events: [] });
  const { answer } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-19" });
  t.match(answer, { timezone: "Asia/Tokyo", slots: [{ start: "2027-01-19T09:00:00+09:00" }] });
  t.match(await book(world, { start_iso: "2027-01-19T09:00:00+09:00", attendee_name: "Eva" }), {
    answer: { status: "confirmed" },
  });
});

t.test(
  "our own budget doesn't end a booking half-way: nothing is held where it can't be finished",
  async (t) => {
    const world = await createWorld(t, { provider, upstream: { perCustomer: 11, perProject: 1_000 } });
    await world.connected("luna");
    await world.call("luna", "get_available_slots", monday);
    const outcomes = [];
    for (const hour of ["09", "10", "11", "12", "13", "14"]) {
      outcomes.push(await book(world, { start_iso: `2027-01-18T${hour}:00:00-05:00`, attendee_name: hour }));
    }
    const answers = outcomes.flatMap(({ answer }) => answer ?? []);
    const errors = outcomes.flatMap(({ error }) => error ?? []);
    t.ok(answers.length >= 1 && errors.length >= 1, `${answers.length} booked`);
    t.strictSame([...new Set(errors.map(({ code }) => code))], ["rate_limited"]);
    t.equal((await eventsLeft(world)).length, answers.length, "no event that nobody was promised");
    const { rows } = await sql`select id from bookings where status in ('held', 'abandoned')`.execute(
      world.mcp.db,
    );
    t.strictSame(rows, []);
  },
);

t.test("an event of a hold that was released is found at the next reading, and removed", async (t) => {
  const world = await connected(t, {
    timing: { holdMs: 5_000, sweepIntervalMs: 50, settleAgainMs: 200, beatIntervalMs: 200, missedBeats: 4 },
  });
  const { answer } = await book(world);
  await sql`update bookings set status = 'released', updated_at = '2027-01-01T00:00:00.000Z'`.execute(
    world.mcp.db,
  );
  await world.call("luna", "get_available_slots", monday);
  for (let i = 0; i < 100 && (await eventsLeft(world)).length > 0; i++) await sleep(20);
  t.strictSame(await eventsLeft(world), []);
  t.match(await book(world, { ...request, idempotency_key: "k3" }), { answer: { status: "confirmed" } });
  t.notMatch(await eventsLeft(world), [{ id: answer.event_id }]);
});

t.test("names of people who got no appointment are gone after a day", async (t) => {
  const world = await connected(t, { purging: { firstWithinMs: 10, intervalMs: 30 } });
  await (await world.ownerOf("luna")).insert({ start: ten, end: "2027-01-18T10:30:00-05:00" });
  t.match(await book(world), { error: { code: "slot_taken" } });
  t.match(await book(world, { start_iso: eleven, attendee_name: "Eva" }), {
    answer: { status: "confirmed" },
  });
  t.equal(await rowsOf(world), 2, "one was released, one is confirmed");
  await sleep(100);
  t.equal(await rowsOf(world), 2, "not before");
  world.clock.now += 86_400_000 + 60_000;
  for (let i = 0; i < 100 && (await rowsOf(world)) > 1; i++) await sleep(20);
  t.equal(await rowsOf(world), 1);
});

testOtherProviders(import.meta.url);
