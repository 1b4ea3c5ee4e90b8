import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { machineSlowness } from "./support/machine-pace.ts";
import { createWorld, type World } from "./support/world.ts";

const monday = { date_iso: "2027-01-18" };
const slots = (world: World, customer = "luna") => world.call(customer, "get_available_slots", monday);
const fault = (world: World, one: object) =>
  world.sandbox("POST", "faults", { path: "/calendar/v3", ...one });
const callsTo = async (world: World) => (await world.sandbox("GET", "calls")).total;

/** The next call is refused at once, without asking Google. */
async function expectUnasked(t: Test, world: World, error: object): Promise<void> {
  await world.sandbox("DELETE", "calls");
  t.match(await slots(world), { error });
  t.equal(await callsTo(world), 0, "Google isn't asked");
}

t.test("a pause that Google asks for is kept, and only for that customer", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.connected("sol");
  await fault(world, { status: 429, times: 1, headers: { "retry-after": "30" } });
  t.match(await slots(world), { error: { code: "rate_limited" } });
  await expectUnasked(t, world, { code: "rate_limited" });
  t.match(await slots(world, "sol"), { error: undefined });
});

t.test("so is one that comes with the word that the service isn't there", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.connected("sol");
  await fault(world, { status: 503, times: 1, headers: { "retry-after": "30" } });
  t.match(await slots(world), { error: { code: "calendar_unavailable", retryable: true } });
  await expectUnasked(t, world, { code: "calendar_unavailable", retryable: true });
  t.match(await slots(world, "sol"), { error: undefined });
});

t.test("a customer can't use up more than its share of Google's quota", async (t) => {
  const world = await createWorld(t, { upstream: { perCustomer: 5, perProject: 8 } });
  await world.connected("luna");
  await world.connected("sol");
  for (let i = 0; i < 5; i++) t.match(await slots(world), { error: undefined });
  t.match(await slots(world), { error: { code: "rate_limited", retryable: true } });
  // The last quarter of all requests is shared out by what was taken lately: test/fair-shares.test.ts.
  for (let i = 0; i < 2; i++) t.match(await slots(world, "sol"), { error: undefined });
  t.match(
    await slots(world, "sol"),
    { error: { code: "rate_limited" } },
    "all together have their share too",
  );
});

t.test(
  "a Google that is down is asked no more for a moment, and answers at once when it is back",
  async (t) => {
    const world = await createWorld(t, { upstream: { failuresInARow: 3, repeatAfterMs: 1, openMs: 300 } });
    await world.connected("luna");
    await fault(world, { status: 503 });
    for (let i = 0; i < 4; i++) await slots(world);
    await expectUnasked(t, world, { code: "calendar_unavailable", retryable: true });
    await world.sandbox("DELETE", "faults");
    await sleep(350);
    t.match(await slots(world), { error: undefined });
    t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { status: "connected" });
  },
);

t.test("of a Google that says nothing a few calls in a row are enough to learn it", async (t) => {
  const world = await createWorld(t, { upstream: { unansweredInARow: 2, repeatAfterMs: 1, openMs: 300 } });
  await world.connected("luna");
  await fault(world, { drop: true });
  for (let i = 0; i < 2; i++) await slots(world);
  await expectUnasked(t, world, { code: "calendar_unavailable", retryable: true });
  await world.sandbox("DELETE", "faults");
  await sleep(350);
  t.match(await slots(world), { error: undefined });
});

t.test("a call that is repeated in vain is one failure, as are all calendars of one question", async (t) => {
  const world = await createWorld(t, { upstream: { failuresInARow: 2, repeatAfterMs: 1 } });
  const calendars = ["a@group.calendar.google.com", "b@group.calendar.google.com"];
  await world.connected("luna", { calendars: calendars.map((id) => ({ id })) });
  const schedule = { busy_calendars: ["primary", ...calendars] };
  t.equal((await world.api("PUT", "/v1/customer-calendars/luna/schedule", schedule)).status, 200);
  await fault(world, { status: 503, times: 9 });
  t.match(await slots(world), { error: { code: "calendar_unavailable" } });
  t.match(await slots(world), { error: undefined }, "it is asked again at once");
});

t.test("after an outage the first reading of several calendars is answered, too", async (t) => {
  // Longer than what follows an outage takes.
  const openMs = Math.round(200 * machineSlowness());
  const world = await createWorld(t, { upstream: { failuresInARow: 2, repeatAfterMs: 1, openMs } });
  const calendars = ["a@group.calendar.google.com", "b@group.calendar.google.com"];
  await world.connected("luna", { calendars: calendars.map((id) => ({ id })) });
  const schedule = { busy_calendars: [...calendars, "primary"] };
  t.equal((await world.api("PUT", "/v1/customer-calendars/luna/schedule", schedule)).status, 200);
  await fault(world, { status: 503 });
  for (let i = 0; i < 3; i++) await slots(world);
  await expectUnasked(t, world, { code: "calendar_unavailable" });
  await sleep(openMs + 50);
  await world.sandbox("DELETE", "calls");
  t.match(await slots(world), { error: { code: "calendar_unavailable" } });
  t.equal(await callsTo(world), 1, "one request shows that it is down still");
  await world.sandbox("DELETE", "faults");
  await sleep(openMs + 50);
  t.match(await slots(world), { error: undefined });
});

t.test("a token endpoint that doesn't answer keeps nobody waiting for long", async (t) => {
  const upstream = { openMs: 500 };
  const world = await createWorld(t, { upstream, requestTimeoutMs: 100 });
  const customers = ["luna", "sol", "mar", "rio", "sal"];
  for (const customer of customers) await world.connected(customer);
  world.clock.now += 3_700_000;
  await world.sandbox("POST", "faults", { path: "/token", latency_ms: 1_000 });
  for (const customer of customers) {
    t.match(await slots(world, customer), { error: { code: "calendar_unavailable", retryable: true } });
  }
  await expectUnasked(t, world, { code: "calendar_unavailable", retryable: true });

  await world.sandbox("DELETE", "faults");
  await sleep(550);
  for (const customer of customers) t.match(await slots(world, customer), { error: undefined });
});

t.test("a service that is stopped saves an access that is just being renewed ahead of time", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const accessToken = async () =>
    (await world.mcp.store.connections.find({ customerId: "luna", provider: "google" }))?.accessToken;
  const before = await accessToken();
  world.clock.now += 3_600_000 - 90_000;
  await world.sandbox("POST", "faults", { path: "/token", latency_ms: 300 });
  t.match(await slots(world), { error: undefined }, "the agent doesn't wait for it");
  await world.restart();
  const renewed = await accessToken();
  t.ok(renewed !== before, "it was saved");
});
