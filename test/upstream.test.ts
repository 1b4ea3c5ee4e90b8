import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { createWorld, type World } from "./support/world.ts";

const monday = { date_iso: "2027-01-18" };
const slots = (world: World, customer = "luna") => world.call(customer, "get_available_slots", monday);
const fault = (world: World, one: object) =>
  world.sandbox("POST", "faults", { path: "/calendar/v3", ...one });
const callsTo = async (world: World) => (await world.sandbox("GET", "calls")).total;

/** What Google may answer a reading with, what the agent is told, and how often we ask. */
const answers: [fault: object, code: string | undefined, asked: number][] = [
  [{ status: 500, times: 1 }, undefined, 2],
  [{ status: 502, times: 2 }, undefined, 3],
  [{ status: 503 }, "calendar_unavailable", 3],
  [{ status: 504 }, "calendar_unavailable", 3],
  [{ drop: true }, "calendar_unavailable", 3],
  [{ drop: "answer" }, "calendar_unavailable", 3],
  [{ latency_ms: 2_500 }, "calendar_unavailable", 1],
  [
    { status: 200, body: "<html>hello</html>", headers: { "content-type": "text/html" } },
    "calendar_unavailable",
    1,
  ],
  [{ status: 200, body: "{" }, "calendar_unavailable", 1],
  [{ status: 200, body: {} }, "calendar_unavailable", 1],
  [
    { status: 503, body: "<html>down</html>", headers: { "content-type": "text/html" } },
    "calendar_unavailable",
    3,
  ],
  [{ status: 400 }, "calendar_unavailable", 1],
  [{ status: 401, times: 1 }, undefined, 2],
  [{ status: 401 }, "calendar_unavailable", 2],
  [{ status: 403 }, "rate_limited", 3],
  [{ status: 404 }, "calendar_unavailable", 1],
  [{ status: 410 }, "calendar_unavailable", 1],
  [{ status: 429, times: 1 }, undefined, 2],
  [{ status: 429 }, "rate_limited", 3],
  [{ status: 429, times: 1, headers: { "retry-after": "0" } }, undefined, 2],
  [{ status: 429, headers: { "retry-after": "30" } }, "rate_limited", 1],
];

t.test("each answer of Google to a reading has its code and its number of tries", async (t) => {
  const world = await createWorld(t, { googleTimeoutMs: 2_100 });
  for (const [i, [answer, code, asked]] of answers.entries()) {
    const customer = `customer-${i}`;
    await world.connected(customer);
    await world.sandbox("DELETE", "calls");
    await fault(world, answer);
    const { error } = await slots(world, customer);
    await world.sandbox("DELETE", "faults");
    const { by } = await world.sandbox("GET", "calls");
    t.equal(error?.code, code, JSON.stringify(answer));
    t.equal(by["GET /calendar/v3/calendars/primary/events"], asked, JSON.stringify(answer));
    const { body } = await world.api("GET", `/v1/customer-calendars/${customer}`);
    t.equal(body.status, "connected", "nobody is disconnected by it");
  }
});

t.test("a pause that Google asks for is kept, and only for that customer", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.connected("sol");
  await fault(world, { status: 429, times: 1, headers: { "retry-after": "30" } });
  t.match(await slots(world), { error: { code: "rate_limited" } });
  await world.sandbox("DELETE", "calls");
  t.match(await slots(world), { error: { code: "rate_limited" } });
  t.equal(await callsTo(world), 0, "it isn't asked before the time is up");
  t.match(await slots(world, "sol"), { error: undefined });
});

t.test("a customer can't use up more than its share of Google's quota", async (t) => {
  const world = await createWorld(t, { upstream: { perCustomer: 5, perProject: 8 } });
  await world.connected("luna");
  await world.connected("sol");
  for (let i = 0; i < 5; i++) t.match(await slots(world), { error: undefined });
  t.match(await slots(world), { error: { code: "rate_limited", retryable: true } });
  for (let i = 0; i < 3; i++) t.match(await slots(world, "sol"), { error: undefined });
  t.match(
    await slots(world, "sol"),
    { error: { code: "rate_limited" } },
    "all together have their share too",
  );
});

t.test(
  "a Google that is down is asked no more for a moment, and answers at once when it is back",
  async (t) => {
    const world = await createWorld(t, { upstream: { breakerMinimum: 6, repeatAfterMs: 1, openMs: 300 } });
    await world.connected("luna");
    await fault(world, { status: 503 });
    for (let i = 0; i < 4; i++) await slots(world);
    await world.sandbox("DELETE", "calls");
    t.match(await slots(world), { error: { code: "calendar_unavailable", retryable: true } });
    t.equal(await callsTo(world), 0);
    await world.sandbox("DELETE", "faults");
    await sleep(350);
    t.match(await slots(world), { error: undefined });
    t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { status: "connected" });
  },
);
