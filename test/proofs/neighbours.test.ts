import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { ask, askMany, faultFor, keepAsking, refused } from "../support/neighbours.ts";
import { createWorld } from "../support/world.ts";

// With every kind of trouble, and with crowds: neighbours-in-trouble.test.ts.

const openMs = 500;

t.test("one customer's trouble is nobody else's, and ends when the breaker's time is over", async (t) => {
  const world = await createWorld(t, { upstream: { openMs, repeatAfterMs: 20 } });
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  await faultFor(world, "luna", { call: "any", status: 503 });
  const agents = keepAsking(world, ["luna", "luna"]);
  t.strictSame(refused(await askMany(world, "sol", 20, 20)), []);
  await agents.stop();
  t.ok(agents.answers.length > 5 && agents.answers.every(({ code }) => code === "calendar_unavailable"));

  await world.sandbox("DELETE", "faults");
  await sleep(openMs + 50);
  t.equal((await ask(world, "luna")).code, undefined);
});

t.test("nobody waits for a call of another customer's that gets no answer", async (t) => {
  const [timeoutMs, silentMs] = [2_100, 3_000];
  const world = await createWorld(t, { upstream: { openMs }, requestTimeoutMs: timeoutMs });
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  await faultFor(world, "luna", { call: "any", latency_ms: silentMs });
  const agents = keepAsking(world, ["luna", "luna"]);
  const neighbour = await askMany(world, "sol", 20);
  await agents.stop();
  t.strictSame(refused(neighbour), []);
  const promptMs = timeoutMs - 500;
  t.ok(neighbour.every(({ ms }) => ms < promptMs));
  t.ok(
    agents.answers.some(({ ms }) => ms > promptMs),
    "it was in trouble",
  );
});

t.test("a Google that is down isn't asked, and is used again at once", async (t) => {
  const world = await createWorld(t, { upstream: { openMs: 3 * openMs, repeatAfterMs: 20 } });
  const customers = Array.from({ length: 7 }, (_, i) => `customer-${i}`);
  for (const customer of customers) await world.connected(customer);
  await world.fault("any", { status: 503 });
  const askAll = () => Promise.all(customers.map((customer) => ask(world, customer)));
  t.equal(refused(await askAll()).length, customers.length);
  await world.sandbox("DELETE", "calls");
  t.equal(refused(await askAll()).length, customers.length);
  t.equal((await world.sandbox("GET", "calls")).total, 0, "Google isn't asked");

  await world.sandbox("DELETE", "faults");
  const back = performance.now();
  for (const customer of customers) {
    while ((await ask(world, customer)).code !== undefined) await sleep(20);
  }
  const ms = performance.now() - back;
  // A busy machine takes its time.
  t.ok(ms < 3 * openMs + 3_000, `all are served ${Math.round(ms)} ms after it is back`);
});
